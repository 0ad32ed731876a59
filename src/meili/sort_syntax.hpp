#pragma once

#include <string>
#include <string_view>

#include "miroir/meili/sort.hpp"

namespace miroir::meili {

// Why a text is no sort expression; sorts and ranking rules say it in different words.
struct SortFault {
    enum class Kind { latitude, longitude, syntax, reserved };
    Kind kind = Kind::syntax;
    // The whole text (syntax) or the attribute (reserved).
    std::string name;
    double number = 0;
};

Result<SortExpression, SortFault> parse_sort_expression(std::string_view text);

}  // namespace miroir::meili
