#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace miroir::http {

// A server of raw bytes: each connection is played by `script`, one after the other.
class Peer {
public:
    class Call {
    public:
        explicit Call(int socket) : socket_(socket) {}
        // Up to the end of a request's head; empty when the client closed.
        std::string read_head() { return read_until("\r\n\r\n"); }
        std::string read_until(std::string_view end) {
            std::string text;
            char byte = 0;
            while (!text.ends_with(end) && ::recv(socket_, &byte, 1, 0) == 1) text.push_back(byte);
            return text.ends_with(end) ? text : "";
        }
        // Less when the client closed.
        std::string read(std::size_t bytes) {
            std::string text(bytes, '\0');
            std::size_t size = 0;
            while (size < bytes) {
                const auto got = ::recv(socket_, text.data() + size, bytes - size, 0);
                if (got <= 0) break;
                size += static_cast<std::size_t>(got);
            }
            text.resize(size);
            return text;
        }
        void send(std::string_view bytes) {
            while (!bytes.empty()) {
                const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
                if (sent <= 0) return;
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            }
        }
        // The client sees a reset instead of an orderly end.
        void reset() {
            const linger now{1, 0};
            ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        }
        void wait_for_close() {
            char bytes[4096];
            while (::recv(socket_, bytes, sizeof bytes, 0) > 0) {
            }
        }

    private:
        int socket_;
    };

    // `number` counts the connections from 0.
    explicit Peer(std::function<void(Call, int number)> script)
        : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::listen(listener_, 16) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            throw std::runtime_error("no listener");
        }
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this, listener = listener_, script = std::move(script)] {
            for (int number = 0;; ++number) {
                const int socket = ::accept(listener, nullptr, nullptr);
                if (socket < 0) return;
                script(Call(socket), number);
                ::close(socket);
                ++closed_;
            }
        });
    }
    ~Peer() { stop(); }
    Peer(Peer&&) = delete;

    void stop() {
        if (!thread_.joinable()) return;
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    // Connections that have been played and closed.
    int closed() const { return closed_; }
    std::uint16_t port() const { return port_; }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

private:
    int listener_;
    std::uint16_t port_ = 0;
    std::atomic<int> closed_ = 0;
    std::thread thread_;
};

}  // namespace miroir::http
