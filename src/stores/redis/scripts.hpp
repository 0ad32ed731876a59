#pragma once

#include <array>
#include <string>
#include <string_view>

namespace miroir::stores {

// The scripts whose steps the stores call: those of one interface, or of several small ones.
enum class RedisScript { small, catalog, tasks, journal, ledger, keys };
inline constexpr std::size_t redis_script_count = 6;

// Its source; `clock` is the file that tells the time.
std::string source_of(RedisScript script, std::string_view clock);

namespace redis_scripts {

// scripts/<name>.lua; throws std::out_of_range for another name.
std::string_view file(std::string_view name);

}  // namespace redis_scripts
}  // namespace miroir::stores
