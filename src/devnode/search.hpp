#pragma once

#include <string>

#include "devnode/index.hpp"
#include "devnode/storage.hpp"
#include "miroir/base/result.hpp"
#include "miroir/meili/filter.hpp"
#include "miroir/meili/search_query.hpp"

namespace miroir::devnode {

struct SearchTarget {
    const Index& index;
    Storage& storage;
    meili::FilterFeatures features;
};

// The members of a search's answer before `requestUid`, as `"hits":[...],...`. Errors of the engine start
// with the index.
Result<std::string> run_search(const SearchTarget& target, const meili::SearchQuery& query,
                               const Clock& clock);

}  // namespace miroir::devnode
