#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace miroir::meili {

// Bytes for people, as Meilisearch prints them: "483 B", "12 KiB", "1.5 MiB".
std::string human_size(std::uint64_t bytes);

// The bytes that such a text stands for, as far as its digits tell; 0 for any other text.
std::uint64_t size_from_human(std::string_view text);

}  // namespace miroir::meili
