#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "miroir/runtime/concurrency.hpp"
#include "waiting_time.hpp"

namespace miroir::runtime {

Async<void> sleep_for(std::chrono::milliseconds duration) {
    Executor executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, capped_waiting_time(duration));
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace miroir::runtime
