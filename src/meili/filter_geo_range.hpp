#pragma once

#include <string>

namespace miroir::meili {

// What is said about a latitude (beyond 90) or longitude (beyond 180) in filters and sort expressions.
std::string coordinate_out_of_range(double number, bool latitude);

}  // namespace miroir::meili
