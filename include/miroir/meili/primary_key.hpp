#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "miroir/base/result.hpp"
#include "miroir/meili/documents.hpp"

namespace miroir::meili {

// The key that the batch is written under: the index's, else the one the request names, else the one its
// first document implies. Empty when there is no document to tell. Errors are those of the task, not
// of the request: index_primary_key_already_exists, _no_candidate_found, _multiple_candidates_found.
Result<std::optional<std::string>> choose_primary_key(const DocumentBatch& batch,
                                                      const std::optional<std::string>& of_index,
                                                      const std::optional<std::string>& requested);

// The only top-level member of a document whose name ends with "id" in any case.
Result<std::string> infer_primary_key(std::string_view document);

}  // namespace miroir::meili
