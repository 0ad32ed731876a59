#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/result.hpp"
#include "miroir/meili/documents.hpp"

namespace miroir::meili {

// The canonical texts of a batch's ids, in the order of its documents: a string without its escapes, an
// integer's digits. They point into the batch's text, which must outlive them. 8 bytes per document.
class DocumentIds {
public:
    explicit DocumentIds(std::string_view text) : text_(text) {}

    std::size_t size() const { return entries_.size(); }
    std::string_view operator[](std::size_t index) const {
        const Entry& entry = entries_[index];
        return (entry.unescaped ? std::string_view(unescaped_) : text_).substr(entry.begin, entry.size);
    }

    void reserve(std::size_t documents) { entries_.reserve(documents); }
    // `id` lies in the text, or is copied when it was unescaped.
    void add(std::string_view id);
    void add_unescaped(std::string_view id);

private:
    struct Entry {
        std::uint32_t begin;
        std::uint16_t size;
        bool unescaped;
    };

    std::string_view text_;
    std::string unescaped_;
    std::vector<Entry> entries_;
};

// 1 to 511 of a-z A-Z 0-9 - _.
bool is_valid_document_id(std::string_view id);

// invalid_document_id, naming the value (compact JSON).
ApiError invalid_document_id(std::string_view value_json);

// The ids of all documents; or the task's error: invalid_document_id, missing_document_id. A key with dots is
// a member of that very name or the nested member its parts lead to, but only one of them.
Result<DocumentIds> extract_document_ids(const DocumentBatch& batch, std::string_view primary_key);

}  // namespace miroir::meili
