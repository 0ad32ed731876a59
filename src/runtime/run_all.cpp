#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <exception>
#include <memory>

#include "miroir/runtime/gather.hpp"

namespace miroir::runtime {

namespace {

template <class Handler>
struct Joining {
    Joining(Handler resume_caller, std::size_t calls)
        : resume(std::move(resume_caller)), signals(calls), left(calls) {}

    Handler resume;
    std::deque<asio::cancellation_signal> signals;
    std::size_t left;
};

struct StartAll {
    template <class Handler>
    void operator()(Handler handler, Executor executor, std::vector<Async<void>> calls) const {
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto joining = std::make_shared<Joining<Handler>>(std::move(handler), calls.size());
        if (slot.is_connected()) {
            // Weak: the slot belongs to the coroutine that the state would resume.
            slot.assign([weak = std::weak_ptr(joining)](asio::cancellation_type) {
                const auto all = weak.lock();
                if (!all) return;
                for (auto& signal : all->signals) signal.emit(asio::cancellation_type::terminal);
            });
        }
        for (std::size_t i = 0; i < calls.size(); ++i) {
            auto ended = [joining](std::exception_ptr) {
                if (--joining->left > 0) return;
                auto resume = std::move(joining->resume);
                std::move(resume)();
            };
            auto token = asio::bind_cancellation_slot(joining->signals[i].slot(), std::move(ended));
            asio::co_spawn(executor, std::move(calls[i]), std::move(token));
        }
    }
};

}  // namespace

Async<void> run_all(std::vector<Async<void>> calls) {
    if (calls.empty()) co_return;
    if (calls.size() == 1) {
        Async<void> only = std::move(calls.front());
        co_await std::move(only);
        co_return;
    }
    Executor executor = co_await asio::this_coro::executor;
    auto started = asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
        StartAll{}, asio::use_awaitable, std::move(executor), std::move(calls));
    co_await std::move(started);
}

}  // namespace miroir::runtime
