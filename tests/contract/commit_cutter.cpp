#include "commit_cutter.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string_view>

namespace miroir::contract {

namespace {

sockaddr_in local(unsigned short port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// Empty at the end of the stream.
std::string_view receive(int socket, std::array<char, 65536>& buffer) {
    const auto bytes = recv(socket, buffer.data(), buffer.size(), 0);
    return {buffer.data(), bytes > 0 ? static_cast<std::size_t>(bytes) : 0};
}

bool send_all(int socket, std::string_view data) {
    while (!data.empty()) {
        const auto bytes = send(socket, data.data(), data.size(), MSG_NOSIGNAL);
        if (bytes <= 0) return false;
        data.remove_prefix(static_cast<std::size_t>(bytes));
    }
    return true;
}

}  // namespace

CommitCutter::CommitCutter(unsigned short server_port, std::string marker)
    : server_port_(server_port), marker_(std::move(marker)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = local(0);
    socklen_t size = sizeof address;
    const bool listening = bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                           listen(listener_, 16) == 0 &&
                           getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    if (!listening) throw std::runtime_error("no port for the relay");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

CommitCutter::~CommitCutter() {
    stopping_ = true;
    acceptor_.join();
    for (auto& relay : relays_) relay.join();
    close(listener_);
}

void CommitCutter::accept_all() {
    while (!stopping_) {
        pollfd waiting{listener_, POLLIN, 0};
        if (poll(&waiting, 1, 50) <= 0) continue;
        const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) continue;
        relays_.emplace_back([this, client] {
            relay(client);
            close(client);
        });
    }
}

void CommitCutter::relay(int client) {
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = local(server_port_);
    bool open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    bool cutting = false;
    std::array<char, 65536> buffer;
    while (open && !stopping_) {
        std::array<pollfd, 2> waiting{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
        if (poll(waiting.data(), waiting.size(), 50) <= 0) continue;
        if (waiting[0].revents != 0) {
            const auto data = receive(client, buffer);
            cutting = cutting || (data.find(marker_) != std::string_view::npos && armed_.exchange(false));
            open = !data.empty() && send_all(server, data);
        }
        if (open && waiting[1].revents != 0) {
            const auto data = receive(server, buffer);
            cut_ = cut_ || cutting;
            open = !cutting && !data.empty() && send_all(client, data);
        }
    }
    close(server);
}

}  // namespace miroir::contract
