#include <simdjson.h>

#include "miroir/base/hash.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/operations/copy_difference.hpp"

namespace miroir::operations {

namespace {

using simdjson::ondemand::json_type;

ApiError bad_shape() {
    return meili::error("internal", "A node's answer to a document fetch has another shape.");
}

std::string_view raw_value(simdjson::ondemand::value value) {
    const auto type = value.type().value();
    if (type == json_type::object) {
        auto object = value.get_object().value();
        return object.raw_json().value();
    }
    if (type == json_type::array) {
        auto array = value.get_array().value();
        return array.raw_json().value();
    }
    auto token = std::string_view(value.raw_json_token());
    const auto end = token.find_last_not_of(" \t\r\n");
    return token.substr(0, end + 1);
}

std::string id_text(std::string_view raw) {
    return raw.size() >= 2 && raw.front() == '"' ? std::string(raw.substr(1, raw.size() - 2))
                                                 : std::string(raw);
}

// The value at a dotted path of nested objects.
std::string nested_id(simdjson::ondemand::object object, std::string_view path) {
    const auto dot = path.find('.');
    auto value = object.find_field_unordered(path.substr(0, dot)).value();
    if (dot == std::string_view::npos) {
        return id_text(raw_value(value));
    }
    return nested_id(value.get_object().value(), path.substr(dot + 1));
}

FetchedDocument read_one(simdjson::ondemand::object object, const std::string& primary_key) {
    FetchedDocument document;
    document.bytes = object.raw_json().value();
    object.reset();
    for (auto field : object) {
        const std::string key(field.unescaped_key().value());
        const auto raw = raw_value(field.value());
        std::string member = key;
        member.push_back('\0');
        member.append(raw);
        document.print.content += xxh64(member);
        if (key == primary_key) {
            document.id = id_text(raw);
        } else if (key == "_miroir_version") {
            document.print.version = id_text(raw);
        }
    }
    if (document.id.empty()) {
        object.reset();
        document.id = nested_id(object, primary_key);
    }
    return document;
}

}  // namespace

Result<std::vector<FetchedDocument>> read_fetched(const std::string& body, const std::string& primary_key) {
    simdjson::ondemand::parser parser;
    std::vector<FetchedDocument> documents;
    try {
        const simdjson::padded_string_view view(body.data(), body.size(),
                                                body.size() + simdjson::SIMDJSON_PADDING);
        auto answer = parser.iterate(view);
        for (auto element : answer.find_field("results").get_array()) {
            documents.push_back(read_one(element.get_object().value(), primary_key));
        }
    } catch (const simdjson::simdjson_error&) {
        return bad_shape();
    }
    return documents;
}

}  // namespace miroir::operations
