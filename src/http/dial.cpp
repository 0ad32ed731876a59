#include "dial.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <vector>

namespace miroir::http {

namespace {

using asio::ip::tcp;

constexpr auto as_values = asio::as_tuple(asio::deferred);

struct Lookup {
    explicit Lookup(const Executor& executor) : resolver(executor), ended(executor) {}

    tcp::resolver resolver;
    asio::steady_timer ended;
    std::vector<tcp::endpoint> endpoints;
    std::string problem = "name look-up took too long";
};

// A look-up blocks a thread of Asio's and cannot be cancelled, so it is left alone when the time is up.
Async<std::shared_ptr<Lookup>> look_up(Origin origin, SteadyTime until) {
    const Executor executor = co_await asio::this_coro::executor;
    auto lookup = std::make_shared<Lookup>(executor);
    boost::system::error_code not_numeric;
    const auto address = asio::ip::make_address(origin.host, not_numeric);
    if (!not_numeric) {
        lookup->endpoints.emplace_back(address, static_cast<std::uint16_t>(std::stoul(origin.port)));
        co_return lookup;
    }
    lookup->ended.expires_at(until);
    lookup->resolver.async_resolve(
        origin.host, origin.port,
        [lookup](boost::system::error_code error, const tcp::resolver::results_type& results) {
            lookup->problem = error ? error.message() : "";
            for (const auto& result : results) lookup->endpoints.push_back(result.endpoint());
            lookup->ended.expires_at(SteadyTime::min());
        });
    co_await lookup->ended.async_wait(as_values);
    co_return lookup;
}

}  // namespace

Async<std::variant<std::shared_ptr<TimedSocket>, std::string>> dial(Origin origin, SteadyTime until) {
    const Executor executor = co_await asio::this_coro::executor;
    const auto lookup = co_await look_up(origin, until);
    std::string problem = lookup->problem;
    for (const auto& endpoint : lookup->endpoints) {
        tcp::socket socket(executor);
        auto stream = std::make_shared<TimedSocket>(std::move(socket));
        stream->expire_at(until);
        const auto [error] = co_await stream->socket().async_connect(endpoint, as_values);
        if (!error) {
            boost::system::error_code ignored;
            stream->socket().set_option(tcp::no_delay(true), ignored);
            stream->socket().non_blocking(true, ignored);
            co_return stream;
        }
        problem = stream->expired() ? "connecting took too long" : error.message();
        if (stream->expired()) break;
    }
    co_return problem;
}

}  // namespace miroir::http
