#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "miroir/base/result.hpp"
#include "miroir/meili/body_reader.hpp"

namespace miroir::meili {

// 1 to 400 letters, digits, hyphens and underscores of ASCII.
bool is_index_uid(std::string_view uid);

// "`x` is not a valid index uid. Index uid can be ..."
std::string index_uid_message(std::string_view uid);

// For a uid of the path (and of the index update body): invalid_index_uid with the bare message.
Result<void> check_index_uid(std::string_view uid);

// For a uid within a body or query: the message says where.
Result<void> read_index_uid(const Place& place, std::string& out);
Result<void> read_index_uids(const Place& place, std::vector<std::string>& out);

}  // namespace miroir::meili
