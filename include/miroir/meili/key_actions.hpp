#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What API keys may allow. Actions are named as Meilisearch names them.
namespace miroir::meili {

// In the order in which messages list them.
std::span<const std::string_view> key_actions();

// What a key with these actions may do, wildcards resolved as Meilisearch does: `*` is everything but
// `*.get`,
// `*.get` what only reads, `documents.*` its three members and not itself.
std::set<std::string, std::less<>> allowed_actions(const std::vector<std::string>& actions);

// A key for some indexes only must not have it.
bool is_global_action(std::string_view action);

// On routes without an index a key for some indexes only may still do it: they show what the key may see.
bool is_checked_by_route(std::string_view action);

}  // namespace miroir::meili
