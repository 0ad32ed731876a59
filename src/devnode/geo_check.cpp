#include "devnode/geo_check.hpp"

#include <cmath>

#include "miroir/meili/error.hpp"
#include "miroir/meili/facet_value.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::devnode {

namespace {

bool is_finite(const JsonValue& value) {
    if (value.kind == JsonKind::number) {
        return std::isfinite(to_double(value.number));
    }
    return value.kind == JsonKind::string && meili::parse_finite_number(value.string).has_value();
}

// What is wrong with `_geo`, in the engine's words; empty when nothing is.
std::string geo_fault(const JsonValue& geo, const std::string& id) {
    const auto document = "in the document with the id: `\"" + id + "\"`";
    if (geo.kind != JsonKind::object) {
        return "The `_geo` field " + document +
               " is not an object. Was expecting an object with the `_geo.lat` and `_geo.lng` fields but "
               "instead got `" +
               meili::print(geo) + "`.";
    }
    const JsonValue* latitude = geo.find("lat");
    const JsonValue* longitude = geo.find("lng");
    if (!latitude && !longitude) {
        return "Could not find latitude nor longitude " + document +
               ". Was expecting `_geo.lat` and `_geo.lng` fields.";
    }
    if (!latitude || !longitude) {
        return std::string("Could not find ") + (latitude ? "longitude " : "latitude ") + document +
               ". Was expecting a `" + (latitude ? "_geo.lng" : "_geo.lat") + "` field.";
    }
    for (const auto& member : geo.members) {
        if (member.key != "lat" && member.key != "lng") {
            JsonValue unexpected = geo;
            std::erase_if(unexpected.members, [](const auto& m) { return m.key == "lat" || m.key == "lng"; });
            return "The `_geo` field " + document + " contains the following unexpected fields: `" +
                   meili::print(unexpected) + "`.";
        }
    }
    for (const auto* value : {latitude, longitude}) {
        if (!is_finite(*value)) {
            return std::string("Could not parse ") + (value == latitude ? "latitude " : "longitude ") +
                   document + ". Was expecting a finite number but instead got `" + meili::print(*value) +
                   "`.";
        }
    }
    return "";
}

}  // namespace

Result<void> check_geo(const Rules& rules, const std::string& index_uid, const std::string& id,
                       const JsonValue& document) {
    const JsonValue* geo = document.find("_geo");
    const bool used = rules.sortable.contains("_geo") || rules.filterable.is_filterable("_geo");
    if (!geo || geo->is_null() || !used) {
        return ok();
    }
    const auto fault = geo_fault(*geo, id);
    if (fault.empty()) {
        return ok();
    }
    return meili::error("invalid_document_geo_field", "Index `" + index_uid + "`: " + fault);
}

}  // namespace miroir::devnode
