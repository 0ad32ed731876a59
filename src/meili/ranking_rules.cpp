#include "miroir/meili/ranking_rules.hpp"

#include <algorithm>
#include <array>

#include "sort_syntax.hpp"

namespace miroir::meili {
namespace {

constexpr std::array<std::string_view, 8> built_in = {
    "words", "typo", "proximity", "attribute", "attributeRank", "wordPosition", "sort", "exactness"};

bool is_built_in(std::string_view text) {
    return std::ranges::find(built_in, text) != built_in.end();
}

std::string reserved(std::string_view name) {
    return "`" + std::string(name) + "` is a reserved keyword and thus can't be used as a ranking rule";
}

std::string reserved_for(std::string_view name, std::string_view use) {
    return reserved(name) + ". `" + std::string(name) + "` can only be used for " + std::string(use) +
           " at search time";
}

}  // namespace

std::optional<std::string> ranking_rule_problem(std::string_view text) {
    if (is_built_in(text)) return std::nullopt;
    const auto parsed = parse_sort_expression(text);
    if (parsed) {
        if (!parsed.value().point) return std::nullopt;
        return reserved_for("_geoPoint", "sorting");
    }
    const auto& fault = parsed.error();
    if (fault.kind == SortFault::Kind::syntax) {
        return "`" + fault.name +
               "` ranking rule is invalid. Valid ranking rules are words, typo, sort, proximity, attribute, "
               "exactness and custom ranking rules.";
    }
    if (fault.kind != SortFault::Kind::reserved || fault.name.starts_with("_geoPoint")) {
        return reserved_for("_geoPoint", "sorting");
    }
    for (const std::string_view filter : {"_geoRadius", "_geoBoundingBox"}) {
        if (fault.name.starts_with(filter)) return reserved_for(filter, "filtering");
    }
    return reserved(fault.name);
}

bool mixes_attribute_rules(std::span<const std::string> rules) {
    const auto has = [&](std::string_view rule) { return std::ranges::find(rules, rule) != rules.end(); };
    return has("attribute") && (has("attributeRank") || has("wordPosition"));
}

std::optional<std::string> ranked_attribute(std::string_view rule) {
    if (is_built_in(rule)) return std::nullopt;
    auto parsed = parse_sort_expression(rule);
    if (!parsed || parsed.value().point) return std::nullopt;
    return std::move(parsed).value().attribute;
}

}  // namespace miroir::meili
