#include "devnode/document.hpp"

#include "devnode/text.hpp"

namespace miroir::devnode {

namespace {

void collect_scalars(const JsonValue& value, std::vector<const JsonValue*>& out) {
    if (value.kind == JsonKind::array) {
        for (const auto& item : value.items) {
            collect_scalars(item, out);
        }
    } else if (value.kind != JsonKind::object) {
        out.push_back(&value);
    }
}

// Calls `found` with each value whose keys from `value` down spell `path`.
template <class Found>
void walk(const JsonValue& value, std::string_view path, Found&& found) {
    if (value.kind == JsonKind::array) {
        for (const auto& item : value.items) {
            walk(item, path, found);
        }
        return;
    }
    for (const auto& member : value.members) {
        if (member.key == path) {
            found(member.value);
        } else if (path.size() > member.key.size() && path[member.key.size()] == '.' &&
                   path.substr(0, member.key.size()) == member.key) {
            walk(member.value, path.substr(member.key.size() + 1), found);
        }
    }
}

}  // namespace

WordNumber Dictionary::intern(const std::string& word) {
    const auto [at, added] = numbers_.try_emplace(word, static_cast<WordNumber>(texts_.size()));
    if (added) {
        texts_.push_back(word);
        characters_.push_back(code_points(word));
    }
    return at->second;
}

std::optional<WordNumber> Dictionary::find(std::string_view word) const {
    const auto found = numbers_.find(std::string(word));
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<const JsonValue*> values_at(const JsonValue& tree, std::string_view path) {
    std::vector<const JsonValue*> out;
    walk(tree, path, [&](const JsonValue& value) { collect_scalars(value, out); });
    return out;
}

const JsonValue* value_at(const JsonValue& tree, std::string_view path) {
    const JsonValue* out = nullptr;
    walk(tree, path, [&](const JsonValue& value) { out = out ? out : &value; });
    return out;
}

std::string scalar_text(const JsonValue& value) {
    return value.kind == JsonKind::string ? value.string : meili::print(value);
}

bool is_below(std::string_view path, std::string_view attribute) {
    return path == attribute || (path.size() > attribute.size() && path[attribute.size()] == '.' &&
                                 path.substr(0, attribute.size()) == attribute);
}

}  // namespace miroir::devnode
