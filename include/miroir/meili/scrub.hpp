#pragma once

#include <string>
#include <string_view>

namespace miroir::meili {

// A node's error message as one Meilisearch would have put it: without `_miroir_*` in lists of attributes,
// rule numbers counted from the client's first rule, the shard clause cut from the filter's text, markers cut
// from documents, and the logical uid instead of the physical.
std::string scrub(std::string message, std::string_view physical_uid, std::string_view logical_uid);

// The same for a whole error object; what is no such object is returned as it is.
std::string scrub_error_json(std::string error_json, std::string_view physical_uid,
                             std::string_view logical_uid);

}  // namespace miroir::meili
