#pragma once

#include <memory>

#include "configuration.hpp"
#include "miroir/coordination/store.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::app {

// The store that the configuration's URL names, with its secrets sealed. Blocks; `control` runs meanwhile on
// a thread of its own. Throws what opening the backend throws.
std::unique_ptr<coordination::Store> open_store(const Configuration& configuration, const Executor& control,
                                                Log& log);

}  // namespace miroir::app
