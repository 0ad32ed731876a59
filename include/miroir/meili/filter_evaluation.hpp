#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/meili/filter.hpp"
#include "miroir/meili/json_value.hpp"

namespace miroir::meili {

// What a document has at an attribute path, as the engine indexes it for filters. A path goes through arrays
// of objects; elements of arrays (also nested) count as values. Booleans are the texts `true` and `false`.
struct FacetValues {
    // Some value is there, be it null or empty.
    bool exists = false;
    // The value itself, not an element of an array, is null; or is "", [] or {}.
    bool is_null = false;
    bool is_empty = false;
    std::vector<double> numbers;
    // As stored_facet() gives them; empty texts are no values.
    std::vector<std::string> texts;
};

FacetValues facet_values(const JsonValue& document, std::string_view attribute);

struct GeoPoint {
    double latitude = 0;
    double longitude = 0;
};

class DocumentView {
public:
    virtual ~DocumentView() = default;

    // False when no document of the index has ever had the attribute: then even `!=` selects nothing.
    virtual bool is_known(std::string_view attribute) const = 0;
    virtual FacetValues values(std::string_view attribute) const = 0;
    virtual std::optional<GeoPoint> geo_point() const = 0;
};

// Whether the filter selects the document. An empty filter selects all. GeoJSON shapes, vectors and foreign
// keys are not looked at: conditions on them select nothing.
bool evaluate(const Filter& filter, const DocumentView& document);

// Great-circle distance in metres, rounded to millimetres as the engine does.
double distance_between(const GeoPoint& a, const GeoPoint& b);

}  // namespace miroir::meili
