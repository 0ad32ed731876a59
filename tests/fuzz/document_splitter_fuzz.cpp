#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/meili/document_id.hpp"
#include "miroir/meili/documents.hpp"
#include "miroir/meili/markers.hpp"
#include "miroir/meili/primary_key.hpp"
#include "miroir/writes/shard_assignment.hpp"
#include "miroir/writes/split.hpp"

// Scans arbitrary bodies and splits what is accepted; nlohmann::json is the judge of both.
namespace {

using namespace miroir;
using meili::PayloadFormat;

constexpr std::uint32_t shards = 3;

void require(bool condition, std::string_view what, std::string_view body) {
    if (!condition) {
        std::cerr << what << "\n" << body << "\n";
        std::abort();
    }
}

bool is_object_list(std::string_view body) {
    const auto parsed = nlohmann::json::parse(body.begin(), body.end(), nullptr, false);
    if (!parsed.is_array() || body.find('\0') != std::string_view::npos || body.starts_with("\xef")) {
        return false;
    }
    for (const auto& element : parsed) {
        if (!element.is_object()) {
            return false;
        }
    }
    return true;
}

void check_refusal(const ApiError& error, std::string_view body, PayloadFormat format) {
    require(!error.message.empty(), "an error without words", body);
    if (format == PayloadFormat::json) {
        require(!is_object_list(body), "a good list is refused", body);
    }
    const auto first = body.find_first_not_of(" \n\t\r");
    const bool has_root = first != std::string_view::npos && (body[first] == '[' || body[first] == '{');
    require(!(has_root || format == PayloadFormat::ndjson) || error.code != "malformed_payload" ||
                !error.message.ends_with("data are neither an object nor a list of objects`."),
            "the fast scan refuses what the exact one takes", body);
}

std::string body_of(const writes::DocumentSplit& split, const writes::BodyPart& part) {
    std::string out;
    const auto source = split.body(0, part);
    for (auto piece = source->next(); !piece.empty(); piece = source->next()) {
        out += piece;
    }
    return out;
}

void check_split(const meili::DocumentBatch& batch, std::string_view body) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        ids.push_back(std::to_string(i % 7));
    }
    const writes::ShardAssignment assignment(ids, shards);
    const writes::Routing routing{1, std::vector(shards, std::vector<std::uint32_t>{0})};
    const writes::DocumentSplit split(batch, assignment, routing, 1, 500);
    std::size_t documents = 0;
    for (const auto& part : split.parts(0)) {
        const std::string text = body_of(split, part);
        require(text.size() == part.bytes, "a part of another size than planned", body);
        documents += part.documents;
        if (split.content_type() == "application/json" && !batch.unreadable) {
            const auto list = nlohmann::json::parse(text, nullptr, false);
            require(list.is_array() && list.size() == part.documents, "a part is no list of its documents",
                    body);
            for (const auto& document : list) {
                require(
                    meili::version_from_marker(document["_miroir_version"].get<std::string>()).has_value(),
                    "a document without version", body);
            }
        }
    }
    require(documents == batch.size(), "documents are lost", body);
}

void check_documents(const meili::DocumentBatch& batch, std::string_view body) {
    const std::size_t readable = batch.unreadable ? batch.unreadable->first : batch.size();
    for (std::size_t i = 0; i < readable; ++i) {
        const auto parsed = nlohmann::json::parse(batch[i].begin(), batch[i].end(), nullptr, false);
        require(parsed.is_object(), "a document is no object", body);
    }
    const auto ids = meili::extract_document_ids(batch, "id.a");
    if (ids) {
        for (std::size_t i = 0; i < batch.size(); ++i) {
            require(meili::is_valid_document_id(ids.value()[i]), "a bad id", body);
        }
    }
    static_cast<void>(meili::choose_primary_key(batch, std::nullopt, std::nullopt).has_value());
    if (!batch.reserved_member) {
        check_split(batch, body);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto format = static_cast<PayloadFormat>(data[0] % 3);
    std::string padded(reinterpret_cast<const char*>(data) + 1, size - 1);
    padded.append(64, static_cast<char>(data[0]));
    const std::string_view body = std::string_view(padded).substr(0, size - 1);
    const auto batch = meili::scan_documents(body, format);
    if (batch) {
        check_documents(batch.value(), body);
    } else {
        check_refusal(batch.error(), body, format);
    }
    static_cast<void>(meili::parse_document_ids(body).has_value());
    return 0;
}
