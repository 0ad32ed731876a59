#include <algorithm>

#include "miroir/meili/error.hpp"
#include "miroir/meili/markers.hpp"
#include "miroir/meili/settings.hpp"

namespace miroir::meili {

Result<void> check_reserved_names(const Settings& change) {
    std::vector<std::string> names = change.searchable_attributes.value;
    const auto add = [&names](const auto& more) { names.insert(names.end(), more.begin(), more.end()); };
    add(change.displayed_attributes.value);
    add(change.sortable_attributes.value);
    add(change.ranking_rules.value);
    add(change.typo_tolerance.value.disable_on_attributes.value);
    names.push_back(change.distinct_attribute.value);
    for (const auto& rule : change.filterable_attributes.value) {
        add(rule.patterns);
    }
    for (const auto& [name, order] : change.faceting.value.sort_facet_values_by.value) {
        names.push_back(name);
    }
    for (const auto& rule : change.localized_attributes.value) {
        add(rule.attribute_patterns);
    }
    const auto reserved =
        std::find_if(names.begin(), names.end(), [](const std::string& name) { return is_reserved(name); });
    if (reserved == names.end()) {
        return ok();
    }
    return error("miroir_reserved_field", "The attribute `" + *reserved +
                                              "` is reserved: names of fields cannot start with `_miroir_`.");
}

}  // namespace miroir::meili
