#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "miroir/meili/filter.hpp"
#include "miroir/meili/utf8.hpp"

// Filters arrive inside JSON, so they are valid UTF-8. What was parsed survives printing and parsing again,
// unless the added parentheses nest it too deep.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace miroir::meili;
    const auto text = to_valid_utf8(std::string_view(reinterpret_cast<const char*>(data), size));
    const auto filter = parse_filter(text, "invalid_search_filter");
    if (!filter) return 0;
    const auto again = parse_filter(canonical(filter.value()), "invalid_search_filter");
    if (again) {
        if (!(again.value() == filter.value())) std::abort();
        return 0;
    }
    const bool too_deep = again.error().message.starts_with("The filter exceeded the maximum depth limit.");
    if (!too_deep) std::abort();
    return 0;
}
