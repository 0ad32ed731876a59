#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "miroir/runtime/async.hpp"

namespace miroir::http {

// Finds out which clients leave while their request is handled. Looks from time to time, with one system call
// for all of them, and only at requests that were there at the look before: a short request costs nothing.
// Belongs to one I/O thread.
class DepartureWatch : public std::enable_shared_from_this<DepartureWatch> {
public:
    // A request and its client's socket.
    struct Client {
        int socket = -1;
        std::function<void()> departed;  // once at most; the client is no longer watched then
        std::size_t place = 0;
        bool seen = false;
    };

    DepartureWatch(Executor executor, std::chrono::milliseconds interval);

    // `client` stays where it is until its watching ends.
    class Watching {
    public:
        Watching(DepartureWatch& watch, Client& client) : watch_(watch), client_(client) {
            watch.add(client);
        }
        ~Watching() { watch_.remove(client_); }
        Watching(const Watching&) = delete;

    private:
        DepartureWatch& watch_;
        Client& client_;
    };

private:
    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
    // The timer goes on so long without requests: arming it for each would cost more.
    static constexpr std::uint32_t idle_looks_max = 50;

    void add(Client& client);
    void remove(Client& client);
    void arm();
    void look();

    asio::steady_timer timer_;
    const std::chrono::milliseconds interval_;
    std::vector<Client*> clients_;
    std::uint32_t idle_looks_ = 0;
    bool armed_ = false;
};

}  // namespace miroir::http
