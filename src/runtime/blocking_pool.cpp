#include "miroir/runtime/blocking_pool.hpp"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace miroir::runtime {

struct BlockingPool::State {
    struct Job {
        std::function<void()> work;
        std::function<void()> resume_caller;
    };

    bool try_push(Job job) {
        {
            const std::lock_guard lock(mutex);
            if (unfinished >= threads.size() + queue_max) return false;
            ++unfinished;
            jobs.push_back(std::move(job));
        }
        wake.notify_one();
        return true;
    }

    void work_until_stopped() {
        for (;;) {
            std::unique_lock lock(mutex);
            wake.wait(lock, [this] { return stopping || !jobs.empty(); });
            if (jobs.empty()) return;
            Job job = std::move(jobs.front());
            jobs.pop_front();
            lock.unlock();
            job.work();
            lock.lock();
            --unfinished;
            lock.unlock();
            job.resume_caller();
        }
    }

    mutable std::mutex mutex;
    std::condition_variable wake;
    std::deque<Job> jobs;
    std::size_t unfinished = 0;
    std::size_t queue_max = 0;
    bool stopping = false;
    std::vector<std::thread> threads;
};

namespace {

// Takes what resumes the caller; false when the job was refused.
using PushJob = std::function<bool(std::function<void()> resume_caller)>;

struct StartJob {
    template <class Handler>
    void operator()(Handler handler, Executor home, PushJob push) const {
        // The guard keeps the caller's context running. It goes home with the post: once the caller resumes,
        // its context may be gone before the thread of the pool goes on. Shared because std::function wants
        // copies.
        auto resume = std::make_shared<Handler>(std::move(handler));
        auto guard =
            std::make_shared<Executor>(asio::prefer(home, asio::execution::outstanding_work.tracked));
        const bool accepted = push([resume, guard, home]() mutable {
            asio::post(home,
                       [resume = std::move(resume), guard = std::move(guard)] { std::move (*resume)(true); });
        });
        if (!accepted) asio::post(home, [resume] { std::move (*resume)(false); });
    }
};

}  // namespace

BlockingPool::BlockingPool(std::size_t threads, std::size_t queue_max, std::string thread_name)
    : state_(std::make_unique<State>()) {
    state_->queue_max = queue_max;
    thread_name.resize(std::min<std::size_t>(thread_name.size(), 15));
    const std::lock_guard lock(state_->mutex);
    for (std::size_t i = 0; i < threads; ++i) {
        state_->threads.emplace_back([state = state_.get()] { state->work_until_stopped(); });
        pthread_setname_np(state_->threads.back().native_handle(), thread_name.c_str());
    }
}

BlockingPool::~BlockingPool() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->wake.notify_all();
    for (auto& thread : state_->threads) thread.join();
}

std::size_t BlockingPool::queued() const {
    const std::lock_guard lock(state_->mutex);
    return state_->jobs.size();
}

Async<void> BlockingPool::execute(std::function<void()> job) {
    Executor home = co_await asio::this_coro::executor;
    PushJob push = [state = state_.get(), &job](std::function<void()> resume_caller) {
        return state->try_push({std::move(job), std::move(resume_caller)});
    };
    auto started = asio::async_initiate<const asio::use_awaitable_t<>&, void(bool)>(
        StartJob{}, asio::use_awaitable, std::move(home), std::move(push));
    const bool accepted = co_await std::move(started);
    if (!accepted) throw PoolFull("every thread is busy and the queue is full");
}

}  // namespace miroir::runtime
