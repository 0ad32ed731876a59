#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <list>

#include "miroir/runtime/concurrency.hpp"
#include "waiting_time.hpp"

namespace miroir::runtime {

struct Signal::State {
    struct Waiter {
        asio::steady_timer timer;
        bool notified = false;
    };

    Executor executor;
    std::list<Waiter> waiters;
};

Signal::Signal(Executor executor) : state_(std::make_shared<State>()) {
    state_->executor = std::move(executor);
}

Signal::~Signal() = default;

void Signal::notify_all() {
    for (auto& waiter : state_->waiters) {
        waiter.notified = true;
        waiter.timer.cancel();
    }
}

Async<bool> Signal::wait(std::chrono::milliseconds timeout) {
    const auto state = state_;
    struct Entry {
        State& state;
        std::list<State::Waiter>::iterator waiter;
        ~Entry() { state.waiters.erase(waiter); }
    };
    asio::steady_timer timer(state->executor, capped_waiting_time(timeout));
    const Entry entry{*state, state->waiters.insert(state->waiters.end(), State::Waiter{std::move(timer)})};

    const auto [error] = co_await entry.waiter->timer.async_wait(asio::as_tuple(asio::use_awaitable));

    if (entry.waiter->notified) co_return true;
    if (error) throw boost::system::system_error(error);
    co_return false;
}

}  // namespace miroir::runtime
