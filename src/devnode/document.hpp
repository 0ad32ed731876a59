#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "miroir/meili/filter_evaluation.hpp"
#include "miroir/meili/json_value.hpp"

namespace miroir::devnode {

using meili::JsonKind;
using meili::JsonValue;

using DocumentNumber = std::uint32_t;
using WordNumber = std::uint32_t;
// Stands for the path of a field within its index.
using FieldNumber = std::uint32_t;

struct WordAt {
    WordNumber word = 0;
    std::uint16_t position = 0;
};

// The searchable words of one field of one document, by position.
struct FieldWords {
    FieldNumber field = 0;
    // Place of the field in searchableAttributes; 0 for all when every field is searchable.
    std::uint16_t rank = 0;
    // Words here must be spelled right.
    bool exact_only = false;
    std::vector<WordAt> words;
};

// A stored document. `tree` refers to `body`: never moved, shared and immutable once the words are known.
struct Document {
    DocumentNumber number = 0;
    std::string id;
    std::string body;
    JsonValue tree;
    std::vector<FieldWords> fields;

    Document() = default;
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;
};

using DocumentPointer = std::shared_ptr<const Document>;

// All words ever seen in an index.
class Dictionary {
public:
    WordNumber intern(const std::string& word);
    // Empty when no document ever had it.
    std::optional<WordNumber> find(std::string_view word) const;
    const std::string& text(WordNumber word) const { return texts_[word]; }
    const std::u32string& characters(WordNumber word) const { return characters_[word]; }
    std::size_t size() const { return texts_.size(); }

private:
    std::unordered_map<std::string, WordNumber> numbers_;
    std::vector<std::string> texts_;
    std::vector<std::u32string> characters_;
};

// The scalars found under a dotted path, through lists. A key that contains dots itself is found as well.
std::vector<const JsonValue*> values_at(const JsonValue& tree, std::string_view path);

// The coordinates in `_geo`, be they numbers or texts of numbers.
std::optional<meili::GeoPoint> geo_point_of(const JsonValue& tree);

double to_double(const meili::JsonNumber& number);

// What filters see of a document.
class FilterView : public meili::DocumentView {
public:
    using IsKnown = std::function<bool(std::string_view)>;
    FilterView(const JsonValue& tree, const IsKnown& is_known) : tree_(tree), is_known_(is_known) {}
    bool is_known(std::string_view attribute) const override { return is_known_(attribute); }
    meili::FacetValues values(std::string_view attribute) const override;
    std::optional<meili::GeoPoint> geo_point() const override { return geo_point_of(tree_); }

private:
    const JsonValue& tree_;
    const IsKnown& is_known_;
};

// Calls `visit(path, value)` for each scalar that is not inside a nested list, in document order; scalars of
// lists come one by one under the list's path.
template <class Visit>
void visit_scalars(const JsonValue& value, std::string& path, Visit&& visit) {
    if (value.kind == JsonKind::object) {
        const std::size_t length = path.size();
        for (const auto& member : value.members) {
            path += length == 0 ? "" : ".";
            path += member.key;
            visit_scalars(member.value, path, visit);
            path.resize(length);
        }
    } else if (value.kind == JsonKind::array) {
        for (const auto& item : value.items) {
            visit_scalars(item, path, visit);
        }
    } else {
        visit(path, value);
    }
}

// The text of a number or boolean as Meilisearch prints it; a string's own text.
std::string scalar_text(const JsonValue& value);

}  // namespace miroir::devnode
