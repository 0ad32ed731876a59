#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace miroir {

namespace asio = boost::asio;

// A coroutine's result. It starts when awaited. Parameters are taken by value.
template <class T>
using Async = asio::awaitable<T>;

using Executor = asio::any_io_executor;

}  // namespace miroir
