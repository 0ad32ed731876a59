#include "devnode/facets.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "miroir/meili/facet_value.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::devnode {

namespace {

// Above this number of documents the engine orders numbers as such, below as texts.
constexpr std::size_t few_documents = 3000;

struct Counted {
    std::string name;
    std::uint64_t count = 0;
};

struct FieldCounts {
    std::map<double, std::uint64_t> numbers;
    // By normalised text; named as the first document writes it.
    std::map<std::string, Counted> texts;
};

void count_document(const Document& document, const std::string& field, FieldCounts& out) {
    std::set<double> numbers;
    std::set<std::string> texts;
    for (const JsonValue* value : values_at(document.tree, field)) {
        if (value->kind == JsonKind::number) {
            numbers.insert(to_double(value->number));
            continue;
        }
        auto original = value->is_null() ? std::string() : scalar_text(*value);
        auto text = meili::stored_facet(original);
        if (!text.empty() && texts.insert(text).second) {
            auto& counted = out.texts[std::move(text)];
            if (counted.count++ == 0) {
                counted.name = std::move(original);
            }
        }
    }
    for (const double number : numbers) {
        ++out.numbers[number];
    }
}

std::vector<Counted> ordered(const FieldCounts& counts, std::size_t documents, bool by_count,
                             std::size_t limit) {
    std::vector<Counted> out;
    for (const auto& [number, count] : counts.numbers) {
        out.push_back({meili::print_number(number), count});
    }
    if (documents <= few_documents) {
        std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    }
    // A text that reads like a number takes its place.
    const auto number_count = static_cast<std::ptrdiff_t>(out.size());
    for (const auto& [text, counted] : counts.texts) {
        const auto numbers_end = out.begin() + number_count;
        const auto same =
            std::find_if(out.begin(), numbers_end,
                         [&, &name = counted.name](const auto& other) { return other.name == name; });
        if (same == numbers_end) {
            out.push_back(counted);
        } else {
            same->count = counted.count;
        }
    }
    if (by_count) {
        std::stable_sort(out.begin(), out.end(),
                         [](const auto& a, const auto& b) { return a.count > b.count; });
    }
    out.resize(std::min(out.size(), limit));
    return out;
}

std::string print(const std::vector<Counted>& values) {
    std::string out = "{";
    for (const auto& value : values) {
        out += out.size() == 1 ? "" : ",";
        meili::append_json_string(out, value.name);
        out += ':' + std::to_string(value.count);
    }
    return out + "}";
}

}  // namespace

FacetAnswer count_facets(const FacetRequest& request, const std::vector<const Document*>& documents) {
    const std::set<std::string> fields(request.fields.begin(), request.fields.end());
    FacetAnswer out{"{", "{"};
    for (const auto& field : fields) {
        FieldCounts counts;
        for (const Document* document : documents) {
            count_document(*document, field, counts);
        }
        const auto name = meili::json_string(field) + ":";
        const auto values = ordered(counts, documents.size(), request.by_count(field), request.values_max);
        out.distribution += (out.distribution.size() == 1 ? "" : ",") + name + print(values);
        if (!counts.numbers.empty()) {
            out.stats += (out.stats.size() == 1 ? "" : ",") + name + "{\"min\":";
            meili::append_json_double(out.stats, counts.numbers.begin()->first);
            out.stats += ",\"max\":";
            meili::append_json_double(out.stats, counts.numbers.rbegin()->first);
            out.stats += '}';
        }
    }
    out.distribution += '}';
    out.stats += '}';
    return out;
}

std::vector<std::string> distinct_values(const Document& document, const std::string& field) {
    std::vector<std::string> out;
    for (const JsonValue* value : values_at(document.tree, field)) {
        if (value->kind == JsonKind::number) {
            out.push_back("#" + meili::print_number(to_double(value->number)));
        } else if (!value->is_null()) {
            out.push_back("'" + meili::stored_facet(scalar_text(*value)));
        }
    }
    return out;
}

}  // namespace miroir::devnode
