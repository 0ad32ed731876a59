#include "devnode/document.hpp"

#include "devnode/text.hpp"
#include "miroir/meili/facet_value.hpp"

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

meili::FacetValues FilterView::values(std::string_view attribute) const {
    meili::FacetValues out;
    walk(tree_, attribute, [&](const JsonValue& value) {
        out.exists = true;
        const bool empty_text = value.kind == JsonKind::string && value.string.empty();
        const bool empty_list = value.kind == JsonKind::array && value.items.empty();
        const bool empty_object = value.kind == JsonKind::object && value.members.empty();
        out.is_null = out.is_null || value.is_null();
        out.is_empty = out.is_empty || empty_text || empty_list || empty_object;
        std::vector<const JsonValue*> scalars;
        collect_scalars(value, scalars);
        for (const JsonValue* scalar : scalars) {
            if (scalar->kind == JsonKind::number) {
                out.numbers.push_back(to_double(scalar->number));
            } else if (auto text = scalar->is_null() ? "" : meili::stored_facet(scalar_text(*scalar));
                       !text.empty()) {
                out.texts.push_back(std::move(text));
            }
        }
    });
    return out;
}

double to_double(const meili::JsonNumber& number) {
    switch (number.kind) {
        case meili::JsonNumber::Kind::positive:
            return static_cast<double>(number.positive);
        case meili::JsonNumber::Kind::negative:
            return static_cast<double>(number.negative);
        case meili::JsonNumber::Kind::real:
            break;
    }
    return number.real;
}

std::optional<meili::GeoPoint> geo_point_of(const JsonValue& tree) {
    const JsonValue* geo = tree.find("_geo");
    const auto coordinate = [&](std::string_view name) -> std::optional<double> {
        const JsonValue* value = geo ? geo->find(name) : nullptr;
        if (value && value->kind == JsonKind::number) {
            return to_double(value->number);
        }
        return value && value->kind == JsonKind::string ? meili::parse_finite_number(value->string)
                                                        : std::nullopt;
    };
    const auto latitude = coordinate("lat");
    const auto longitude = coordinate("lng");
    if (!latitude || !longitude) {
        return std::nullopt;
    }
    return meili::GeoPoint{*latitude, *longitude};
}

std::string scalar_text(const JsonValue& value) {
    return value.kind == JsonKind::string ? value.string : meili::print(value);
}

}  // namespace miroir::devnode
