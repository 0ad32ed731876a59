#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "miroir/base/clock.hpp"
#include "miroir/runtime/async.hpp"

namespace miroir::http {

// A socket that closes itself at a moment that may be moved at will: moving it later costs nothing, the timer
// looks again when it fires. Single executor.
class TimedSocket : public std::enable_shared_from_this<TimedSocket> {
public:
    explicit TimedSocket(asio::ip::tcp::socket socket)
        : socket_(std::move(socket)), timer_(socket_.get_executor()) {}

    asio::ip::tcp::socket& socket() { return socket_; }

    // SteadyTime::max(): never.
    void expire_at(SteadyTime at) {
        expires_ = at;
        if (at < armed_) arm(at);
    }
    // It was the timer that closed the socket.
    bool expired() const { return expired_; }

    void close() {
        boost::system::error_code ignored;
        socket_.close(ignored);
        timer_.cancel();
    }

private:
    void arm(SteadyTime at) {
        armed_ = at;
        timer_.expires_at(at);
        timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
            const auto self = weak.lock();
            if (!error && self) self->fire();
        });
    }

    void fire() {
        armed_ = SteadyTime::max();
        if (expires_ == SteadyTime::max()) return;
        if (expires_ > system_clock().steady()) return arm(expires_);
        expired_ = true;
        close();
    }

    asio::ip::tcp::socket socket_;
    asio::steady_timer timer_;
    SteadyTime expires_ = SteadyTime::max();
    SteadyTime armed_ = SteadyTime::max();
    bool expired_ = false;
};

}  // namespace miroir::http
