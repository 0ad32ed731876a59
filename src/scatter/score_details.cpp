#include "score_details.hpp"

namespace miroir::scatter {
namespace {

using Rule = OrderKey::Rule;
using Kind = OrderKey::Kind;

void classify(std::string_view name, OrderKey& key) {
    key.name = name;
    if (name.ends_with(":asc") || name.ends_with(":desc")) {
        key.ascending = name.ends_with(":asc");
        key.rule = name.starts_with("_geoPoint(") ? Rule::geo : Rule::sort;
        key.kind = Kind::missing;
    } else if (name == "words") {
        key.rule = Rule::words;
    } else if (name == "typo") {
        key.rule = Rule::typo;
    } else if (name == "proximity") {
        key.rule = Rule::proximity;
    } else if (name == "attributeRank") {
        key.rule = Rule::attribute_rank;
    } else if (name == "wordPosition") {
        key.rule = Rule::word_position;
    } else if (name == "exactness") {
        key.rule = Rule::exactness;
    } else if (name == "attribute") {
        key.rule = Rule::attribute;
    } else if (name == "vectorSort") {
        key.rule = Rule::vector;
        key.kind = Kind::missing;
    } else if (name == "skipped") {
        key.rule = Rule::skipped;
    } else if (name == "pin") {
        key.rule = Rule::pin;
    } else {
        key.rule = Rule::sort;
        key.kind = Kind::missing;
    }
}

bool read_sort_value(od::value& value, Scratch& scratch, OrderKey& key) {
    od::json_type type{};
    if (value.type().get(type)) {
        return false;
    }
    if (type == od::json_type::number) {
        key.kind = Kind::number;
        if (value.get_double().get(key.cost)) {
            return false;
        }
        key.cost = key.ascending ? key.cost : -key.cost;
    } else if (type == od::json_type::string) {
        key.kind = Kind::text;
        key.text = unquoted(raw_value(value), scratch);
    }
    return true;
}

// A number that may be null, as distances and similarities are.
bool read_optional(od::value& value, bool smaller_first, OrderKey& key) {
    od::json_type type{};
    if (value.type().get(type)) {
        return false;
    }
    if (type == od::json_type::null) {
        key.kind = Kind::missing;
        return true;
    }
    key.kind = Kind::number;
    if (value.get_double().get(key.cost)) {
        return false;
    }
    key.cost = smaller_first ? key.cost : -key.cost;
    return true;
}

bool read_count(od::value& value, std::uint32_t& count) {
    std::uint64_t number = 0;
    if (value.get_uint64().get(number)) {
        return false;
    }
    count = static_cast<std::uint32_t>(number);
    return true;
}

bool read_negated(od::value& value, double& cost) {
    const bool failed = value.get_double().get(cost) != simdjson::SUCCESS;
    cost = -cost;
    return !failed;
}

double match_type_cost(std::string_view type) {
    return type == "\"exactMatch\"" ? 0 : (type == "\"matchesStart\"" ? 1 : 2);
}

bool read_field(std::string_view name, od::value& value, Scratch& scratch, OrderKey& key) {
    switch (key.rule) {
        case Rule::words:
        case Rule::typo:
            if (name == "matchingWords" || name == "typoCount") {
                return read_count(value, key.count);
            }
            return !(name == "maxMatchingWords" || name == "maxTypoCount") ||
                   read_count(value, key.count_max);
        case Rule::proximity:
        case Rule::attribute_rank:
        case Rule::word_position:
            return name != "score" || read_negated(value, key.cost);
        case Rule::attribute:
            if (name == "attributeRankingOrderScore") {
                return read_negated(value, key.cost);
            }
            return name != "queryWordDistanceScore" || read_negated(value, key.second_cost);
        case Rule::exactness:
            if (name == "matchType") {
                key.cost = match_type_cost(raw_value(value));
                return true;
            }
            if (name == "matchingWords") {
                return read_count(value, key.count);
            }
            return name != "maxMatchingWords" || read_count(value, key.count_max);
        case Rule::sort:
            return name != "value" || read_sort_value(value, scratch, key);
        case Rule::geo:
            return name != "distance" || read_optional(value, key.ascending, key);
        case Rule::vector:
            return name != "similarity" || read_optional(value, false, key);
        case Rule::skipped:
        case Rule::pin:
            return true;
    }
    return true;
}

void derive_costs(OrderKey& key) {
    if (key.rule == Rule::words) {
        key.cost = static_cast<double>(key.count_max) - key.count;
    } else if (key.rule == Rule::typo) {
        key.cost = key.count;
    } else if (key.rule == Rule::exactness) {
        key.second_cost = static_cast<double>(key.count_max) - key.count;
    }
}

Details read_entry(od::object entry, Scratch& scratch, OrderKey& key) {
    bool good = true;
    for (auto read : entry) {
        od::field field;
        if (std::move(read).get(field)) {
            return Details::malformed;
        }
        const auto name = raw_name(field.key());
        good = read_field(name, field.value(), scratch, key) && good;
    }
    derive_costs(key);
    return good ? Details::good : Details::unusable;
}

}  // namespace

Details read_score_details(od::object details, od::document& document, Scratch& scratch,
                           std::vector<OrderKey>& keys) {
    bool good = true;
    for (auto read : details) {
        od::field field;
        if (std::move(read).get(field)) {
            return Details::malformed;
        }
        const auto name = raw_name(field.key());
        od::json_type type{};
        od::object entry;
        if (field.value().type().get(type)) {
            return Details::malformed;
        }
        if (type != od::json_type::object) {
            good = false;
            continue;
        }
        auto& key = keys.emplace_back();
        classify(name, key);
        if (field.value().get_object().get(entry)) {
            return Details::malformed;
        }
        const auto state = read_entry(entry, scratch, key);
        const char* next = location(document);
        if (state == Details::malformed || !next) {
            return Details::malformed;
        }
        good = good && state == Details::good;
        key.member = {name.data() - 1, static_cast<std::size_t>(end_before(next) - (name.data() - 1))};
    }
    return good ? Details::good : Details::unusable;
}

}  // namespace miroir::scatter
