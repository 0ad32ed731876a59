#include "miroir/meili/attribute_pattern.hpp"
#include "miroir/meili/facet_value.hpp"
#include "miroir/meili/filter_evaluation.hpp"

namespace miroir::meili {
namespace {

double to_double(const JsonNumber& number) {
    switch (number.kind) {
        case JsonNumber::Kind::positive:
            return static_cast<double>(number.positive);
        case JsonNumber::Kind::negative:
            return static_cast<double>(number.negative);
        case JsonNumber::Kind::real:
            break;
    }
    return number.real;
}

class Collector {
public:
    explicit Collector(std::string_view attribute) : attribute_(attribute) {}

    void visit_object(const JsonValue& object, const std::string& base) {
        for (const auto& [key, value] : object.members) {
            const auto path = base.empty() ? key : base + "." + key;
            if (path == attribute_) {
                add(value, true);
                if (value.kind == JsonKind::array) visit_array(value, path);
            } else if (is_inside(attribute_, path)) {
                if (value.kind == JsonKind::object) visit_object(value, path);
                if (value.kind == JsonKind::array) visit_array(value, path);
            }
        }
    }

    FacetValues take() { return std::move(values_); }

private:
    void visit_array(const JsonValue& array, const std::string& base) {
        for (const auto& item : array.items) {
            if (item.kind == JsonKind::object) {
                visit_object(item, base);
            } else if (item.kind == JsonKind::array) {
                visit_array(item, base);
            } else if (base == attribute_) {
                add(item, false);
            }
        }
    }

    void add(const JsonValue& value, bool whole) {
        values_.exists = true;
        switch (value.kind) {
            case JsonKind::number:
                values_.numbers.push_back(to_double(value.number));
                break;
            case JsonKind::boolean:
                values_.texts.emplace_back(value.boolean ? "true" : "false");
                break;
            case JsonKind::string:
                if (!value.string.empty()) values_.texts.push_back(stored_facet(value.string));
                values_.is_empty = values_.is_empty || (whole && value.string.empty());
                break;
            case JsonKind::null:
                values_.is_null = values_.is_null || whole;
                break;
            case JsonKind::array:
                values_.is_empty = values_.is_empty || (whole && value.items.empty());
                break;
            case JsonKind::object:
                values_.is_empty = values_.is_empty || (whole && value.members.empty());
                break;
        }
    }

    std::string_view attribute_;
    FacetValues values_;
};

}  // namespace

FacetValues facet_values(const JsonValue& document, std::string_view attribute) {
    Collector collector(attribute);
    collector.visit_object(document, "");
    return collector.take();
}

}  // namespace miroir::meili
