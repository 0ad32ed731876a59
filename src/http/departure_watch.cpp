#include "departure_watch.hpp"

#include <poll.h>

namespace miroir::http {

DepartureWatch::DepartureWatch(Executor executor, std::chrono::milliseconds interval)
    : timer_(std::move(executor)), interval_(interval) {}

void DepartureWatch::add(Client& client) {
    client.place = clients_.size();
    client.seen = false;
    clients_.push_back(&client);
    if (!armed_) arm();
}

void DepartureWatch::remove(Client& client) {
    if (client.place == nowhere) return;
    clients_.back()->place = client.place;
    clients_[client.place] = clients_.back();
    clients_.pop_back();
    client.place = nowhere;
}

void DepartureWatch::arm() {
    armed_ = true;
    timer_.expires_after(interval_);
    timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        const auto self = weak.lock();
        if (!error && self) self->look();
    });
}

void DepartureWatch::look() {
    armed_ = false;
    idle_looks_ = clients_.empty() ? idle_looks_ + 1 : 0;
    std::vector<pollfd> sockets;
    std::vector<Client*> asked;
    for (auto* client : clients_) {
        if (client->seen) {
            sockets.push_back({client->socket, POLLRDHUP, 0});
            asked.push_back(client);
        }
        client->seen = true;
    }
    const int count = sockets.empty() ? 0 : ::poll(sockets.data(), sockets.size(), 0);
    for (std::size_t i = 0; count > 0 && i < sockets.size(); ++i) {
        if (sockets[i].revents == 0) continue;
        remove(*asked[i]);
        asked[i]->departed();
    }
    if (idle_looks_ < idle_looks_max) arm();
}

}  // namespace miroir::http
