#include "devnode/rules.hpp"

#include <algorithm>

#include "devnode/formatting.hpp"
#include "miroir/meili/attribute_pattern.hpp"
#include "miroir/meili/json_value.hpp"

namespace miroir::devnode {

namespace {

using meili::JsonKind;
using meili::JsonValue;

// Reads the members of a settings object; what is not there or of another kind keeps its default.
class SettingsReader {
public:
    explicit SettingsReader(const JsonValue& object) : object_(object) {}

    SettingsReader inside(std::string_view name) const {
        static const JsonValue nothing;
        const JsonValue* value = object_.find(name);
        return SettingsReader(value ? *value : nothing);
    }

    std::vector<std::string> texts(std::string_view name) const {
        std::vector<std::string> out;
        if (const JsonValue* value = object_.find(name)) {
            for (const auto& item : value->items) {
                out.push_back(item.string);
            }
        }
        return out;
    }

    bool boolean(std::string_view name, bool otherwise) const {
        const JsonValue* value = object_.find(name);
        return value && value->kind == JsonKind::boolean ? value->boolean : otherwise;
    }

    std::uint64_t number(std::string_view name, std::uint64_t otherwise) const {
        const JsonValue* value = object_.find(name);
        return value && value->kind == JsonKind::number ? value->number.positive : otherwise;
    }

    std::optional<std::string> text(std::string_view name) const {
        const JsonValue* value = object_.find(name);
        return value && value->kind == JsonKind::string ? std::optional(value->string) : std::nullopt;
    }

    const JsonValue* find(std::string_view name) const { return object_.find(name); }
    const std::vector<meili::JsonMember>& members() const { return object_.members; }

private:
    const JsonValue& object_;
};

using TextSet = std::set<std::string, std::less<>>;

TextSet folded(const std::vector<std::string>& words) {
    TextSet out;
    std::transform(words.begin(), words.end(), std::inserter(out, out.end()), fold);
    return out;
}

TextSet as_set(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

std::optional<std::vector<std::string>> unless_all(std::vector<std::string> names) {
    return selects_all(names) ? std::nullopt : std::optional(std::move(names));
}

QueryRules read_query_rules(const SettingsReader& settings) {
    QueryRules out;
    out.tokens.separators = as_set(settings.texts("separatorTokens"));
    out.tokens.non_separators = as_set(settings.texts("nonSeparatorTokens"));
    out.tokens.dictionary = as_set(settings.texts("dictionary"));
    out.tokens.stop_words = folded(settings.texts("stopWords"));
    const auto typos = settings.inside("typoTolerance");
    const auto lengths = typos.inside("minWordSizeForTypos");
    out.typos = typos.boolean("enabled", true);
    out.one_typo_length_min = static_cast<int>(lengths.number("oneTypo", 5));
    out.two_typos_length_min = static_cast<int>(lengths.number("twoTypos", 9));
    out.exact_words = folded(typos.texts("disableOnWords"));
    out.typos_in_numbers = !typos.boolean("disableOnNumbers", false);
    out.prefix_search = settings.text("prefixSearch").value_or("indexingTime") != "disabled";
    const auto synonyms = settings.inside("synonyms");
    for (const auto& synonym : synonyms.members()) {
        const auto words = phrase_of(synonym.key, out.tokens);
        if (words.size() == 1) {
            for (const auto& replacement : synonym.value.items) {
                out.synonyms[*words.front()].push_back(phrase_of(replacement.string, out.tokens));
            }
        }
    }
    return out;
}

}  // namespace

Rules make_rules(std::string settings_json) {
    Rules out;
    out.settings_json = std::move(settings_json);
    const auto parsed = meili::parse_json(out.settings_json);
    const JsonValue nothing;
    const SettingsReader settings(parsed ? parsed.value() : nothing);
    out.query = read_query_rules(settings);
    out.searchable = unless_all(settings.texts("searchableAttributes"));
    out.displayed = unless_all(settings.texts("displayedAttributes"));
    out.exact_attributes = settings.inside("typoTolerance").texts("disableOnAttributes");
    out.ranking_rules = settings.texts("rankingRules");
    const auto sortable = settings.texts("sortableAttributes");
    out.sortable.sortable = {sortable.begin(), sortable.end()};
    if (out.displayed) {
        out.sortable.displayed = std::set<std::string>(out.displayed->begin(), out.displayed->end());
    }
    if (const JsonValue* filterable = settings.find("filterableAttributes")) {
        out.filterable = meili::parse_filterable_rules(meili::print(*filterable));
    }
    out.distinct = settings.text("distinctAttribute");
    out.proximity_by_attribute = settings.text("proximityPrecision") == "byAttribute";
    out.hits_max = settings.inside("pagination").number("maxTotalHits", 1000);
    const auto faceting = settings.inside("faceting");
    out.facet_values_max = faceting.number("maxValuesPerFacet", 100);
    const auto orders = faceting.inside("sortFacetValuesBy");
    for (const auto& order : orders.members()) {
        out.facet_by_count[order.key] = order.value.string == "count";
    }
    return out;
}

std::optional<std::uint16_t> Rules::attribute_rank(std::string_view path) const {
    // The engine keeps coordinates and embeddings out of the words.
    if (meili::is_inside(path, "_geo") || meili::is_inside(path, "_vectors") || path.starts_with("_geo.")) {
        return std::nullopt;
    }
    if (!searchable) {
        return std::uint16_t{0};
    }
    for (std::size_t i = 0; i < searchable->size(); ++i) {
        if (meili::is_inside(path, (*searchable)[i])) {
            return static_cast<std::uint16_t>(i);
        }
    }
    return std::nullopt;
}

bool Rules::exact_only(std::string_view path) const {
    return std::any_of(exact_attributes.begin(), exact_attributes.end(),
                       [&](const auto& attribute) { return meili::is_inside(path, attribute); });
}

std::uint16_t Rules::attribute_rank_max() const {
    return searchable && !searchable->empty() ? static_cast<std::uint16_t>(searchable->size() - 1) : 0;
}

bool same_words(const Rules& left, const Rules& right) {
    const auto& a = left.query.tokens;
    const auto& b = right.query.tokens;
    return left.searchable == right.searchable && left.exact_attributes == right.exact_attributes &&
           a.separators == b.separators && a.non_separators == b.non_separators &&
           a.dictionary == b.dictionary && a.stop_words == b.stop_words;
}

}  // namespace miroir::devnode
