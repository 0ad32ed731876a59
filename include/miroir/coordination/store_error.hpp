#pragma once

#include <stdexcept>

namespace miroir::coordination {

// The store cannot be reached or broke; nothing is known about the step's effect. Caught by the HTTP session
// (503 miroir_coordination_unavailable) and the job runner only.
struct StoreUnavailable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace miroir::coordination
