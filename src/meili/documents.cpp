#include "miroir/meili/documents.hpp"

#include <simdjson.h>

#include <algorithm>
#include <limits>

#include "document_fault.hpp"
#include "document_scanner.hpp"
#include "miroir/meili/csv.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/json_syntax.hpp"
#include "miroir/meili/json_value.hpp"
#include "miroir/meili/markers.hpp"

namespace miroir::meili {
namespace {

class BatchScan {
public:
    BatchScan(std::string_view body, PayloadFormat format)
        : body_(body),
          scanner_(body),
          all_utf8_(simdjson::validate_utf8(body.data(), body.size())),
          batch_(format, body) {}

    // False: something is wrong with the body.
    bool run() {
        if (batch_.format() == PayloadFormat::ndjson) {
            return stream();
        }
        if (!scanner_.skip_space()) {
            return false;
        }
        // The engine reads a list up to its bracket and never looks behind it.
        return scanner_.take('[') ? list() : single();
    }

    DocumentBatch take_batch() { return std::move(batch_); }

private:
    bool document();
    bool stream();
    bool list();
    bool single();
    bool note_names();

    std::string_view body_;
    DocumentScanner scanner_;
    bool all_utf8_;
    DocumentBatch batch_;
};

bool BatchScan::document() {
    const std::size_t begin = scanner_.offset();
    if (!scanner_.skip_document()) {
        return false;
    }
    const std::string_view text = body_.substr(begin, scanner_.offset() - begin);
    if (!all_utf8_ && !simdjson::validate_utf8(text.data(), text.size())) {
        return false;
    }
    if (!scanner_.odd_names().empty() && !note_names()) {
        return false;
    }
    if (scanner_.suspicious()) {
        auto judgement = judge_document(text);
        if (!judgement.good_names) {
            return false;
        }
        if (!judgement.unreadable.empty() && !batch_.unreadable) {
            batch_.unreadable.emplace(batch_.size(), std::move(judgement.unreadable));
        }
    }
    batch_.add(begin, text.size());
    return true;
}

bool BatchScan::note_names() {
    for (const std::string_view raw : scanner_.odd_names()) {
        std::string name(raw);
        if (raw.find('\\') != std::string_view::npos) {
            const std::string quoted = name + '"';
            name.clear();
            if (!JsonCursor(quoted).read_string(&name)) {
                return false;
            }
        }
        if (name == expiry_field) {
            batch_.has_expiry = true;
        } else if (is_reserved(name) && !batch_.reserved_member) {
            batch_.reserved_member = std::move(name);
        }
    }
    return true;
}

bool BatchScan::stream() {
    while (scanner_.skip_space()) {
        if (!document()) {
            return false;
        }
    }
    return true;
}

bool BatchScan::list() {
    if (!scanner_.skip_space()) {
        return false;
    }
    if (scanner_.take(']')) {
        return true;
    }
    for (;;) {
        if (!document() || !scanner_.skip_space()) {
            return false;
        }
        if (scanner_.take(']')) {
            return true;
        }
        if (!scanner_.take(',') || !scanner_.skip_space()) {
            return false;
        }
    }
}

bool BatchScan::single() {
    if (!document() || scanner_.skip_space()) {
        return false;
    }
    return !scanner_.suspicious() || !check_json(body_);
}

}  // namespace

std::string_view name_of(PayloadFormat format) {
    switch (format) {
        case PayloadFormat::json:
            return "json";
        case PayloadFormat::ndjson:
            return "ndjson";
        case PayloadFormat::csv:
            return "csv";
    }
    return "";
}

void DocumentBatch::add(std::size_t begin, std::size_t size) {
    if (spans_.size() == spans_.capacity()) {
        // Guess the number of documents from the share of the text that is behind us.
        const std::size_t seen = std::max<std::size_t>(begin + size, 1);
        const auto guess =
            static_cast<std::size_t>(static_cast<double>(text_.size()) / static_cast<double>(seen) *
                                     static_cast<double>(spans_.size() + 1) * 1.05);
        spans_.reserve(std::max(guess, spans_.size() + spans_.size() / 4 + 1));
    }
    spans_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(size)});
}

Result<DocumentBatch> scan_documents(std::string_view body, PayloadFormat format, char csv_delimiter,
                                     const FitsInMemory& fits) {
    if (body.empty()) {
        return error("missing_payload", "A " + std::string(name_of(format)) + " payload is missing.");
    }
    if (body.size() > std::numeric_limits<std::uint32_t>::max()) {
        return error("payload_too_large", "The provided payload reached the size limit.");
    }
    if (format == PayloadFormat::csv) {
        return convert_csv(body, csv_delimiter, fits);
    }
    BatchScan scan(body, format);
    if (!scan.run()) {
        return document_fault(body, format);
    }
    return scan.take_batch();
}

ApiError unreadable_document(std::string_view index_uid, std::string_view reason) {
    return error("internal",
                 "Index `" + std::string(index_uid) + "`: internal: " + std::string(reason) + ".");
}

Result<std::vector<std::string>> parse_document_ids(std::string_view body) {
    if (body.empty()) {
        return error("missing_payload", "A json payload is missing.");
    }
    const auto parsed = parse_json(body);
    JsonCursor cursor(body);
    const auto first = cursor.peek();
    const bool wrong_kind = first && *first != '[' && (parsed || *first == '{');
    if (!parsed && !wrong_kind) {
        return error("malformed_payload",
                     "The json payload provided is malformed. `" + parsed.error().text() + "`.");
    }
    if (wrong_kind) {
        bool is_syntax_error = false;
        const std::string_view value = body.substr(cursor.offset());
        return error("bad_request", "Json deserialize error: " +
                                        wrong_type(value.substr(0, value.find_last_not_of(" \n\t\r") + 1),
                                                   "a sequence", is_syntax_error));
    }
    std::vector<std::string> ids;
    ids.reserve(parsed.value().items.size());
    for (const JsonValue& value : parsed.value().items) {
        ids.push_back(value.kind == JsonKind::string ? value.string : print(value));
    }
    return ids;
}

}  // namespace miroir::meili
