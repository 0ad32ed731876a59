#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "miroir/coordination/store.hpp"
#include "miroir/coordination/store_limits.hpp"

namespace miroir::contract {

using coordination::StoreLimits;

// A backend with an empty database of its own, whose clock moves only when told to.
class RunningStore {
public:
    virtual ~RunningStore() = default;
    // The handle of one replica: its own where the backend lets replicas share it, else the one there is.
    virtual coordination::Store& replica(std::size_t number) = 0;
    // Closes every handle; the next ones find what the backend kept.
    virtual void restart() = 0;
    // May be negative: the clock was set back.
    virtual void let_time_pass(std::chrono::milliseconds duration) = 0;
};

struct StoreUnderTest {
    std::string name;
    std::function<std::unique_ptr<RunningStore>(StoreLimits)> start;
};

// Every backend that the contract is tested on.
std::vector<StoreUnderTest> every_store();

std::string store_name(const testing::TestParamInfo<StoreUnderTest>& info);

}  // namespace miroir::contract
