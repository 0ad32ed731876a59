#include "canned_http.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <unordered_map>
#include <vector>

namespace miroir::bench {

namespace {

constexpr std::size_t kept_body_bytes = 64 * 1024;

struct Connection {
    int socket = -1;
    std::string input;
    std::string output;
    // Of a long body that is passed over unseen.
    std::size_t bytes_to_skip = 0;
    bool waits_to_send = false;
};

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

std::size_t content_length(std::string_view head) {
    constexpr std::string_view name = "content-length:";
    for (std::size_t at = 0; (at = head.find("\r\n", at)) != std::string_view::npos;) {
        at += 2;
        if (head.size() - at > name.size() && strncasecmp(head.data() + at, name.data(), name.size()) == 0) {
            return std::strtoull(head.data() + at + name.size(), nullptr, 10);
        }
    }
    return 0;
}

// Takes complete requests from the input and appends their answers to the output.
void answer_requests(Connection& connection, const Answerer& answerer) {
    auto& input = connection.input;
    for (;;) {
        const auto head_bytes = input.find("\r\n\r\n");
        if (head_bytes == std::string::npos) {
            return;
        }
        const std::string_view head = std::string_view(input).substr(0, head_bytes);
        const auto length = content_length(head);
        const auto have = std::min(length, input.size() - head_bytes - 4);
        if (have < std::min(length, kept_body_bytes)) {
            return;
        }
        const auto method = head.substr(0, head.find(' '));
        const auto rest = head.substr(method.size() + 1);
        const auto body = std::string_view(input).substr(head_bytes + 4, have);
        connection.output += answerer(method, rest.substr(0, rest.find(' ')), body);
        input.erase(0, head_bytes + 4 + have);
        connection.bytes_to_skip = length - have;
        if (connection.bytes_to_skip > 0) {
            return;
        }
    }
}

class Loop {
public:
    Loop(std::uint16_t port, const Answerer& answerer) : answerer_(answerer), poll_(epoll_create1(0)) {
        listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        const int yes = 1;
        setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            fail("bind");
        }
        if (listen(listener_, 1024) != 0) {
            fail("listen");
        }
        watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
    }

    std::uint16_t port() const {
        sockaddr_in address{};
        socklen_t bytes = sizeof address;
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &bytes);
        return ntohs(address.sin_port);
    }

    void run() {
        std::array<epoll_event, 128> events{};
        for (;;) {
            const int count = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                const auto& event = events[static_cast<std::size_t>(i)];
                event.data.fd == listener_ ? accept_all() : serve(event.data.fd, event.events);
            }
        }
    }

private:
    void watch(int socket, std::uint32_t events, int operation) const {
        epoll_event event{};
        event.events = events;
        event.data.fd = socket;
        epoll_ctl(poll_, operation, socket, &event);
    }

    void accept_all() {
        for (;;) {
            const int accepted = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
            if (accepted < 0) {
                return;
            }
            const int yes = 1;
            setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            auto& connection = connections_[accepted];
            connection = std::make_unique<Connection>();
            connection->socket = accepted;
            watch(accepted, EPOLLIN, EPOLL_CTL_ADD);
        }
    }

    void serve(int socket, std::uint32_t events) {
        auto& connection = *connections_.at(socket);
        const bool readable = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
        const bool alive = (!readable || receive(connection)) && send(connection);
        if (!alive) {
            close(socket);
            connections_.erase(socket);
        }
    }

    bool receive(Connection& connection) {
        const auto got = recv(connection.socket, buffer_.data(), buffer_.size(), 0);
        if (got <= 0) {
            return got < 0 && errno == EAGAIN;
        }
        const auto bytes = static_cast<std::size_t>(got);
        const auto skipped = std::min(bytes, connection.bytes_to_skip);
        connection.bytes_to_skip -= skipped;
        connection.input.append(buffer_.data() + skipped, bytes - skipped);
        if (connection.bytes_to_skip == 0) {
            answer_requests(connection, answerer_);
        }
        return true;
    }

    // An answer leaves when the whole body of its request has come.
    bool send(Connection& connection) {
        auto& output = connection.output;
        if (output.empty() || connection.bytes_to_skip > 0) {
            return true;
        }
        const auto sent = ::send(connection.socket, output.data(), output.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            return false;
        }
        output.erase(0, static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
        if (connection.waits_to_send == output.empty()) {
            connection.waits_to_send = !output.empty();
            watch(connection.socket, output.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
        }
        return true;
    }

    const Answerer& answerer_;
    int poll_;
    int listener_ = -1;
    std::vector<char> buffer_ = std::vector<char>(256 * 1024);
    std::unordered_map<int, std::unique_ptr<Connection>> connections_;
};

}  // namespace

void serve_http(std::uint16_t port, const std::function<void(std::uint16_t)>& started,
                const Answerer& answerer) {
    Loop loop(port, answerer);
    started(loop.port());
    loop.run();
}

}  // namespace miroir::bench
