#include "filter_geo_range.hpp"

#include <cmath>

#include "miroir/meili/facet_value.hpp"

namespace miroir::meili {

std::string coordinate_out_of_range(double number, bool latitude) {
    const auto printed = print_number(number);
    if (latitude) {
        return "Bad latitude `" + printed + "`. Latitude must be contained between -90 and 90 degrees.";
    }
    auto wrapped = std::fmod(number + 180.0, 360.0);
    if (wrapped < 0) wrapped += 360.0;
    return "Bad longitude `" + printed +
           "`. Longitude must be contained between -180 and 180 degrees. Hint: try using `" +
           print_number(wrapped - 180.0) + "` instead.";
}

}  // namespace miroir::meili
