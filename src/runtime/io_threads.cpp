#include "miroir/runtime/io_threads.hpp"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>

namespace miroir::runtime {

namespace {

struct Loop {
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    std::thread thread;
};

}  // namespace

struct IoThreads::State {
    std::vector<std::unique_ptr<Loop>> loops;
};

IoThreads::IoThreads(std::size_t count) : state_(std::make_unique<State>()) {
    for (std::size_t i = 0; i < count; ++i) {
        auto& loop = state_->loops.emplace_back(std::make_unique<Loop>());
        loop->thread = std::thread([context = &loop->context] { context->run(); });
        const std::string name = "io-" + std::to_string(i);
        pthread_setname_np(loop->thread.native_handle(), name.c_str());
    }
}

IoThreads::~IoThreads() {
    stop();
}

std::vector<Executor> IoThreads::executors() const {
    std::vector<Executor> executors;
    for (const auto& loop : state_->loops) executors.emplace_back(loop->context.get_executor());
    return executors;
}

void IoThreads::stop() {
    for (const auto& loop : state_->loops) loop->context.stop();
    for (const auto& loop : state_->loops) {
        if (loop->thread.joinable()) loop->thread.join();
    }
}

}  // namespace miroir::runtime
