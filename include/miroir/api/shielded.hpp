#pragma once

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "miroir/runtime/on_executor.hpp"

namespace miroir::api {

namespace detail {

template <class T>
Async<T> uncancelled(Async<T> call) {
    const auto none = asio::disable_cancellation();
    co_await asio::this_coro::reset_cancellation_state(none, none);
    auto result = co_await std::move(call);
    co_return result;
}

}  // namespace detail

// Runs `call` on `executor`; it is not cancelled with the caller: a client that goes away does not stop a
// write.
template <class T>
Async<T> shielded_on(Executor executor, Async<T> call) {
    auto shielded = detail::uncancelled(std::move(call));
    auto result = co_await runtime::on_executor(std::move(executor), std::move(shielded));
    co_return result;
}

}  // namespace miroir::api
