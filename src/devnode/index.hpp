#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "devnode/document.hpp"
#include "devnode/rules.hpp"
#include "miroir/base/clock.hpp"

namespace miroir::devnode {

// The documents of one index and what searching needs to know about them. Changed by the task worker alone;
// the caller's lock keeps readers out meanwhile.
class Index {
public:
    std::int64_t key = 0;  // in the database; survives renames
    std::string uid;
    std::optional<std::string> primary_key;
    WallTime created_at;
    WallTime updated_at;

    const Rules& rules() const { return rules_; }
    // Returns true when the searchable words of the documents changed.
    bool set_rules(Rules rules);

    // By number; null where no document is.
    const std::vector<DocumentPointer>& documents() const { return documents_; }
    std::size_t document_count() const { return by_id_.size(); }
    DocumentPointer find(std::string_view id) const;
    const Dictionary& dictionary() const { return dictionary_; }

    // The number of the document with this id, or the smallest free one.
    DocumentNumber number_for(const std::string& id) const;
    // A document that is not stored yet; empty when `body` is no JSON.
    std::shared_ptr<Document> make_document(DocumentNumber number, std::string id, std::string body);
    void put(DocumentPointer document);
    void remove(DocumentNumber number);
    void clear();

    // Number of documents that have the top-level field, by name.
    std::map<std::string, std::uint64_t> field_distribution() const;
    // A document has or had a value at this path.
    bool knows_field(const std::string& path) const { return known_fields_.count(path) != 0; }
    const std::unordered_map<std::string, FieldNumber>& known_fields() const { return known_fields_; }

    using Words = std::vector<WordNumber>;
    // The words of the documents, and perhaps some that none has any more. Null: ask the database.
    std::shared_ptr<const Words> live_words() const;
    std::shared_ptr<const Words> set_live_words(Words words) const;

private:
    void read_words(Document& document);
    FieldNumber field_number(const std::string& path);
    void learn_fields(const JsonValue& value, const std::string& path);
    void add_live_words(const Document& document);

    Rules rules_;
    std::vector<DocumentPointer> documents_;
    std::set<DocumentNumber> free_;
    std::unordered_map<std::string, DocumentNumber> by_id_;
    std::unordered_map<std::string, FieldNumber> known_fields_;
    Dictionary dictionary_;
    mutable std::mutex live_mutex_;
    mutable std::shared_ptr<Words> live_words_;
    mutable std::vector<bool> is_live_;
};

// The words of a document, each once.
std::set<WordNumber> distinct_words(const Document& document);

}  // namespace miroir::devnode
