#pragma once

#include <string_view>

#include "miroir/base/result.hpp"
#include "miroir/meili/documents.hpp"

namespace miroir::meili {

// Rewrites CSV (RFC 4180, lenient as the engine's reader) as one JSON object per record, owned by the batch.
// The first record names the members; `name:number` and `name:boolean` convert the cells below them.
// payload_too_large when `fits` says so of the text of all documents.
Result<DocumentBatch> convert_csv(std::string_view body, char delimiter, const FitsInMemory& fits = {});

}  // namespace miroir::meili
