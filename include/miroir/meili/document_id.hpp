#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/result.hpp"
#include "miroir/meili/documents.hpp"

namespace miroir::meili {

// The canonical texts of the ids of one request, in the order of its documents: a string without its escapes,
// an integer's digits. Needs nothing of the request. 4 bytes per document besides the texts, of which there
// may be 4 GiB.
class DocumentIds {
public:
    DocumentIds() = default;
    DocumentIds(const std::vector<std::string>& ids);

    std::size_t size() const { return ends_.size(); }
    bool empty() const { return ends_.empty(); }
    std::string_view operator[](std::size_t index) const {
        const std::uint32_t begin = index == 0 ? 0 : ends_[index - 1];
        return {text_.data() + begin, ends_[index] - begin};
    }

    void reserve(std::size_t documents) { ends_.reserve(documents); }
    void add(std::string_view id);

private:
    std::vector<char> text_;
    std::vector<std::uint32_t> ends_;
};

// 1 to 511 of a-z A-Z 0-9 - _.
bool is_valid_document_id(std::string_view id);

// invalid_document_id, naming the value (compact JSON).
ApiError invalid_document_id(std::string_view value_json);

// The ids of all documents; or the task's error: invalid_document_id, missing_document_id. A key with dots is
// a member of that very name or the nested member its parts lead to, but only one of them.
Result<DocumentIds> extract_document_ids(const DocumentBatch& batch, std::string_view primary_key);

}  // namespace miroir::meili
