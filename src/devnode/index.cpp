#include "devnode/index.hpp"

#include <algorithm>
#include <limits>

namespace miroir::devnode {

namespace {

// The distance of words on both sides of a hard separator, and of two values of one field.
constexpr std::uint32_t far_apart = 8;
constexpr std::uint32_t positions_max = std::numeric_limits<std::uint16_t>::max();

// Numbers the words of one field, value after value.
class FieldReader {
public:
    FieldReader(FieldWords& field, Dictionary& dictionary) : field_(field), dictionary_(dictionary) {}

    void read(const std::string& text, const TokenRules& rules) {
        bool seen_word = false;
        bool hard = false;
        if (started_) {
            position_ += far_apart;
        }
        started_ = true;
        for (const auto& token : tokenize(text, rules)) {
            if (!token.is_word()) {
                hard = hard || token.kind == TokenKind::hard_separator;
                continue;
            }
            if (token.lemma.empty()) {
                continue;
            }
            position_ += !seen_word ? 0 : hard ? far_apart : 1;
            seen_word = true;
            hard = false;
            if (position_ < positions_max && token.kind == TokenKind::word &&
                token.lemma.size() <= word_bytes_max) {
                field_.words.push_back(
                    {dictionary_.intern(token.lemma), static_cast<std::uint16_t>(position_)});
            }
        }
    }

private:
    FieldWords& field_;
    Dictionary& dictionary_;
    std::uint32_t position_ = 0;
    bool started_ = false;
};

}  // namespace

bool Index::set_rules(Rules rules) {
    const bool changed = !same_words(rules_, rules);
    rules_ = std::move(rules);
    if (!changed) {
        return false;
    }
    dictionary_ = {};
    live_words_.reset();
    for (auto& document : documents_) {
        if (document) {
            document = make_document(document->number, document->id, document->body);
        }
    }
    return true;
}

DocumentPointer Index::find(std::string_view id) const {
    const auto found = by_id_.find(std::string(id));
    return found == by_id_.end() ? nullptr : documents_[found->second];
}

DocumentNumber Index::number_for(const std::string& id) const {
    const auto found = by_id_.find(id);
    if (found != by_id_.end()) {
        return found->second;
    }
    return free_.empty() ? static_cast<DocumentNumber>(documents_.size()) : *free_.begin();
}

std::shared_ptr<Document> Index::make_document(DocumentNumber number, std::string id, std::string body) {
    auto document = std::make_shared<Document>();
    document->number = number;
    document->id = std::move(id);
    document->body = std::move(body);
    auto tree = meili::parse_json(document->body);
    if (!tree) {
        return nullptr;
    }
    document->tree = std::move(tree.value());
    read_words(*document);
    return document;
}

void Index::read_words(Document& document) {
    std::map<std::string, std::pair<std::unique_ptr<FieldWords>, std::unique_ptr<FieldReader>>> fields;
    std::vector<std::string> order;
    std::string path;
    visit_scalars(document.tree, path, [&](const std::string& at, const JsonValue& value) {
        const auto rank = rules_.attribute_rank(at);
        if (value.is_null() || !rank) {
            return;
        }
        auto& entry = fields[at];
        if (!entry.first) {
            entry.first = std::make_unique<FieldWords>();
            entry.first->field = field_number(at);
            entry.first->rank = *rank;
            entry.first->exact_only = rules_.exact_only(at);
            entry.second = std::make_unique<FieldReader>(*entry.first, dictionary_);
            order.push_back(at);
        }
        entry.second->read(scalar_text(value), rules_.query.tokens);
    });
    for (const auto& name : order) {
        document.fields.push_back(std::move(*fields[name].first));
    }
}

void Index::put(DocumentPointer document) {
    add_live_words(*document);
    const auto number = document->number;
    if (number >= documents_.size()) {
        for (auto skipped = static_cast<DocumentNumber>(documents_.size()); skipped < number; ++skipped) {
            free_.insert(skipped);
        }
        documents_.resize(number + 1U);
    }
    free_.erase(number);
    by_id_[document->id] = number;
    learn_fields(document->tree, "");
    documents_[number] = std::move(document);
}

void Index::remove(DocumentNumber number) {
    by_id_.erase(documents_[number]->id);
    documents_[number] = nullptr;
    free_.insert(number);
}

void Index::clear() {
    live_words_.reset();
    documents_.clear();
    free_.clear();
    by_id_.clear();
}

FieldNumber Index::field_number(const std::string& path) {
    return known_fields_.try_emplace(path, static_cast<FieldNumber>(known_fields_.size())).first->second;
}

void Index::learn_fields(const JsonValue& value, const std::string& path) {
    for (const auto& item : value.items) {
        learn_fields(item, path);
    }
    for (const auto& member : value.members) {
        auto inner = path.empty() ? member.key : path + "." + member.key;
        const bool nested = !member.value.members.empty() || !member.value.items.empty();
        if (nested) {
            learn_fields(member.value, inner);
        }
        field_number(inner);
    }
}

std::map<std::string, std::uint64_t> Index::field_distribution() const {
    std::map<std::string, std::uint64_t> out;
    for (const auto& document : documents_) {
        if (document) {
            for (const auto& member : document->tree.members) {
                ++out[member.key];
            }
        }
    }
    return out;
}

std::shared_ptr<const Index::Words> Index::live_words() const {
    const std::lock_guard lock(live_mutex_);
    return live_words_;
}

std::shared_ptr<const Index::Words> Index::set_live_words(Words words) const {
    const std::lock_guard lock(live_mutex_);
    is_live_.assign(dictionary_.size(), false);
    for (const auto word : words) {
        is_live_[word] = true;
    }
    live_words_ = std::make_shared<Words>(std::move(words));
    return live_words_;
}

void Index::add_live_words(const Document& document) {
    if (!live_words_) {
        return;
    }
    is_live_.resize(dictionary_.size(), false);
    for (const auto word : distinct_words(document)) {
        if (!is_live_[word]) {
            is_live_[word] = true;
            live_words_->push_back(word);
        }
    }
}

std::set<WordNumber> distinct_words(const Document& document) {
    std::set<WordNumber> out;
    for (const auto& field : document.fields) {
        for (const auto& at : field.words) {
            out.insert(at.word);
        }
    }
    return out;
}

}  // namespace miroir::devnode
