#pragma once

#include <memory>
#include <string_view>

#include "miroir/base/seal.hpp"
#include "miroir/coordination/store.hpp"

namespace miroir::stores {

// A store of any backend in which settings and the bodies of settings changes lie encrypted when they hold
// secrets (keys and headers of embedders). What was stored openly is still read. A text that none of the
// sealer's keys opens is StoreUnavailable.
std::unique_ptr<coordination::Store> seal_store(std::unique_ptr<coordination::Store> inner, Sealer sealer);

// Whether a JSON text, compact as settings are stored, has embedders.
bool holds_secrets(std::string_view json);

}  // namespace miroir::stores
