#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>

#include "miroir/runtime/on_executor.hpp"

namespace miroir::runtime {

namespace {

Executor kept_running(const Executor& executor) {
    return asio::prefer(executor, asio::execution::outstanding_work.tracked);
}

template <class Handler>
struct Visit {
    Visit(Handler resume_caller, const Executor& own_executor)
        : resume(std::move(resume_caller)), own(kept_running(own_executor)) {}

    Handler resume;
    Executor own;
    asio::cancellation_signal signal;  // touched on the visited executor only
};

// Resumes the caller at home. The visited executor keeps the signal until the coroutine there is unwound.
template <class Handler>
void come_back(const std::shared_ptr<Visit<Handler>>& visit, const Executor& executor) {
    asio::post(executor, [visit] {});
    // The work guard goes home, too: once the caller resumes, its context may be gone before this thread goes
    // on.
    auto resume = std::make_shared<Handler>(std::move(visit->resume));
    const Executor home = asio::prefer(visit->own, asio::execution::outstanding_work.untracked);
    asio::post(home, [resume = std::move(resume), guard = std::move(visit->own)] { std::move (*resume)(); });
}

struct StartVisit {
    template <class Handler>
    void operator()(Handler handler, Executor own, Executor executor, Async<void> call) const {
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto visit = std::make_shared<Visit<Handler>>(std::move(handler), own);
        if (slot.is_connected()) {
            // Weak: the slot belongs to the coroutine that the state would resume.
            slot.assign([weak = std::weak_ptr(visit), executor](asio::cancellation_type) {
                auto cancelled = weak.lock();
                if (!cancelled) return;
                asio::post(executor, [cancelled = std::move(cancelled)] {
                    cancelled->signal.emit(asio::cancellation_type::terminal);
                });
            });
        }
        asio::post(executor, [visit = std::move(visit), executor, call = std::move(call)]() mutable {
            auto ended = [visit, executor](std::exception_ptr) { come_back(visit, executor); };
            auto token = asio::bind_cancellation_slot(visit->signal.slot(), std::move(ended));
            asio::co_spawn(executor, std::move(call), std::move(token));
        });
    }
};

}  // namespace

Async<void> run_on(Executor executor, Async<void> call) {
    Executor own = co_await asio::this_coro::executor;
    if (own == executor) {
        co_await std::move(call);
        co_return;
    }
    auto started = asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
        StartVisit{}, asio::use_awaitable, std::move(own), std::move(executor), std::move(call));
    co_await std::move(started);
}

}  // namespace miroir::runtime
