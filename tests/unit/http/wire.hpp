#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace miroir::http {

inline std::string post(std::string_view path, std::string_view body, std::string_view headers = "") {
    return "POST " + std::string(path) + " HTTP/1.1\r\nhost: x\r\n" + std::string(headers) +
           "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

inline std::string get(std::string_view path, std::string_view headers = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nhost: x\r\n" + std::string(headers) + "\r\n";
}

// A blocking client that sends exactly the bytes it is given.
class Wire {
public:
    explicit Wire(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("connection refused");
        }
    }
    ~Wire() { close(); }
    Wire(Wire&& other) : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    struct Answer {
        int status = 0;  // 0: the server closed instead
        std::string head;
        std::string body;

        // Empty when there is none.
        std::string header(std::string_view name) const {
            const auto at = head.find("\r\n" + std::string(name) + ": ");
            if (at == std::string::npos) return "";
            const auto start = at + 2 + name.size() + 2;
            return head.substr(start, head.find("\r\n", start) - start);
        }
    };

    Answer receive(bool with_body = true) {
        Answer answer;
        while (received_.find("\r\n\r\n") == std::string::npos) {
            if (!receive_some()) return answer;
        }
        const auto end = received_.find("\r\n\r\n") + 4;
        answer.head = received_.substr(0, end);
        answer.status = std::atoi(answer.head.c_str() + 9);
        received_.erase(0, end);
        const auto length = answer.header("content-length");
        const std::size_t size = with_body && !length.empty() ? std::stoul(length) : 0;
        while (received_.size() < size) {
            if (!receive_some()) return {};
        }
        answer.body = received_.substr(0, size);
        received_.erase(0, size);
        return answer;
    }

    Answer ask(std::string_view bytes) {
        send(bytes);
        return receive();
    }

    // Nothing more comes, and the server has closed its side.
    bool closed_by_peer() { return received_.empty() && !receive_some(); }

    void stop_sending() { ::shutdown(socket_, SHUT_WR); }

    void close() {
        if (socket_ >= 0) ::close(socket_);
        socket_ = -1;
    }

private:
    bool receive_some() {
        pollfd wait{socket_, POLLIN, 0};
        if (::poll(&wait, 1, 20'000) != 1) throw std::runtime_error("no answer for 20 s");
        char bytes[16'384];
        const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
        if (got <= 0) return false;
        received_.append(bytes, static_cast<std::size_t>(got));
        return true;
    }

    int socket_;
    std::string received_;
};

}  // namespace miroir::http
