#pragma once

#include <span>
#include <string>
#include <string_view>

namespace miroir::meili {

// The codes that `locales` accepts, in the order of the messages that list them.
std::span<const std::string_view> locale_choices();

bool is_locale_choice(std::string_view name);

// What a query string with another code is told.
std::string unsupported_locale_message(std::string_view name);

}  // namespace miroir::meili
