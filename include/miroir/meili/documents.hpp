#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "miroir/base/result.hpp"

namespace miroir::meili {

enum class PayloadFormat { json, ndjson, csv };

// "json", "ndjson", "csv"
std::string_view name_of(PayloadFormat format);

// The documents of one request: spans of its body, or of text converted from it (CSV). The body must outlive
// the batch and everything made from it. 8 bytes per document.
class DocumentBatch {
public:
    DocumentBatch(PayloadFormat format, std::string_view text) : format_(format), text_(text) {}
    DocumentBatch(PayloadFormat format, std::unique_ptr<const std::string> converted)
        : format_(format), converted_(std::move(converted)), text_(*converted_) {}

    std::size_t size() const { return spans_.size(); }
    bool empty() const { return spans_.empty(); }
    // One JSON object, from its brace to its brace.
    std::string_view operator[](std::size_t index) const {
        return text_.substr(spans_[index].begin, spans_[index].size);
    }
    PayloadFormat format() const { return format_; }
    // What the spans lie in.
    std::string_view text() const { return text_; }
    // Of equal members of one document the last counts (JSON), or each is seen (NDJSON).
    bool last_member_counts() const { return format_ != PayloadFormat::ndjson; }

    void add(std::size_t begin, std::size_t size);

    // A document that the engine accepts but fails to index, with serde_json's reason: a number out of
    // range, half a surrogate pair, or deeper than 127. The first one in order.
    std::optional<std::pair<std::size_t, std::string>> unreadable;
    // A document has the member `_miroir_expires_at`.
    bool has_expiry = false;
    // The first other member whose name starts with `_miroir_`.
    std::optional<std::string> reserved_member;

private:
    struct Span {
        std::uint32_t begin;
        std::uint32_t size;
    };

    PayloadFormat format_;
    std::unique_ptr<const std::string> converted_;
    std::string_view text_;
    std::vector<Span> spans_;
};

// May what a body is converted to take so many bytes? Empty: always.
using FitsInMemory = std::function<bool(std::size_t bytes)>;

// Finds the documents of a request body and checks its syntax, as the engine does before it answers 202:
// missing_payload, malformed_payload, or `internal` for a list element that is no object. The body has 64
// readable bytes after its end. `csv_delimiter` and `fits` are for CSV alone, whose batch
// needs the body no more.
Result<DocumentBatch> scan_documents(std::string_view body, PayloadFormat format, char csv_delimiter = ',',
                                     const FitsInMemory& fits = {});

// The error of the task that fails over DocumentBatch::unreadable.
ApiError unreadable_document(std::string_view index_uid, std::string_view reason);

// The ids of a delete-batch body: strings as they are, any other JSON value as compact text.
Result<std::vector<std::string>> parse_document_ids(std::string_view body);

}  // namespace miroir::meili
