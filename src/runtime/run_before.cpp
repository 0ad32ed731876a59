#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>

#include "miroir/runtime/before.hpp"

namespace miroir::runtime {

namespace {

template <class Handler>
struct Racing {
    Racing(Handler resume_caller, Executor executor, Deadline deadline)
        : resume(std::move(resume_caller)), timer(std::move(executor), deadline.at()) {}

    Handler resume;
    asio::steady_timer timer;
    asio::cancellation_signal signal;
    bool ended = false;
    bool too_late = false;
};

struct StartRace {
    template <class Handler>
    void operator()(Handler handler, Executor executor, Deadline deadline, Async<void> call) const {
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto racing = std::make_shared<Racing<Handler>>(std::move(handler), executor, deadline);
        if (slot.is_connected()) {
            // Weak: the slot belongs to the coroutine that the state would resume.
            slot.assign([weak = std::weak_ptr(racing)](asio::cancellation_type) {
                if (const auto race = weak.lock()) race->signal.emit(asio::cancellation_type::terminal);
            });
        }
        racing->timer.async_wait([racing](boost::system::error_code) {
            if (racing->ended) return;
            racing->too_late = true;
            racing->signal.emit(asio::cancellation_type::terminal);
        });
        auto ended = [racing](std::exception_ptr) {
            racing->ended = true;
            racing->timer.cancel();
            auto resume = std::move(racing->resume);
            std::move(resume)(!racing->too_late);
        };
        auto token = asio::bind_cancellation_slot(racing->signal.slot(), std::move(ended));
        asio::co_spawn(executor, std::move(call), std::move(token));
    }
};

}  // namespace

Async<bool> run_before(Deadline deadline, Async<void> call) {
    if (deadline.passed()) co_return false;
    Executor executor = co_await asio::this_coro::executor;
    auto started = asio::async_initiate<const asio::use_awaitable_t<>&, void(bool)>(
        StartRace{}, asio::use_awaitable, std::move(executor), deadline, std::move(call));
    const bool in_time = co_await std::move(started);
    co_return in_time;
}

}  // namespace miroir::runtime
