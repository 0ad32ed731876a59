#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace miroir {

// xxHash64, seed 0.
std::uint64_t xxh64(std::string_view bytes);

// Lower-case hex of SHA-256.
std::string sha256_hex(std::string_view bytes);

// `bytes` random bytes of the operating system as lower-case hex.
std::string random_hex(std::size_t bytes);

// UUID version 7 (time ordered) in lower-case hyphenated text.
std::string uuid_v7();

// UUID version 4 (random) in lower-case hyphenated text.
std::string uuid_v4();

// True when equal; takes the same time wherever they differ.
bool equal_constant_time(std::string_view left, std::string_view right);

}  // namespace miroir
