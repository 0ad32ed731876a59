#pragma once

#include <chrono>
#include <functional>

#include "miroir/coordination/store_error.hpp"
#include "miroir/runtime/concurrency.hpp"

namespace miroir::coordination {

// Begins a step that the store did not take again, until it does.
inline Async<void> until_taken(std::function<Async<void>()> step) {
    for (bool taken = false; !taken;) {
        try {
            co_await step();
            taken = true;
        } catch (const StoreUnavailable&) {
            taken = false;
        }
        if (!taken) {
            co_await runtime::sleep_for(std::chrono::milliseconds(200));
        }
    }
}

}  // namespace miroir::coordination
