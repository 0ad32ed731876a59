#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace miroir::contract {

// A relay on this machine to a server on this machine. Once armed, it lets the next message with `marker`
// reach the server, waits until the server has answered it, and cuts the connection: the client never learns
// what became of it.
class CommitCutter {
public:
    explicit CommitCutter(unsigned short server_port, std::string marker = "COMMIT");
    ~CommitCutter();
    CommitCutter(CommitCutter&&) = delete;

    unsigned short port() const { return port_; }
    void arm() { armed_ = true; }
    bool has_cut() const { return cut_; }

private:
    void accept_all();
    void relay(int client);

    const unsigned short server_port_;
    const std::string marker_;
    unsigned short port_ = 0;
    int listener_ = -1;
    std::atomic<bool> armed_ = false;
    std::atomic<bool> cut_ = false;
    std::atomic<bool> stopping_ = false;
    std::vector<std::thread> relays_;  // the acceptor's, until it has ended
    std::thread acceptor_;
};

}  // namespace miroir::contract
