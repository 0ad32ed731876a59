#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "miroir/runtime/async.hpp"

namespace miroir::runtime {

// `count` threads that each run one single-threaded io_context. An exception that leaves a handler ends the
// process.
class IoThreads {
public:
    explicit IoThreads(std::size_t count);
    ~IoThreads();  // stops
    IoThreads(IoThreads&&) = delete;

    std::vector<Executor> executors() const;
    // Abandons what still waits and joins the threads; not from one of them.
    void stop();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace miroir::runtime
