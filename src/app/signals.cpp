#include "signals.hpp"

#include <csignal>

namespace miroir::app {

namespace {

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

}  // namespace

void block_stop_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    const auto set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void unblock_stop_signals() {
    const auto set = stop_signals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

bool wait_for_stop_signal(std::chrono::milliseconds timeout) {
    const auto set = stop_signals();
    timespec wait{};
    wait.tv_sec = timeout.count() / 1000;
    wait.tv_nsec = timeout.count() % 1000 * 1'000'000;
    return sigtimedwait(&set, nullptr, &wait) > 0;
}

void wait_for_stop_signal() {
    const auto set = stop_signals();
    int signal = 0;
    sigwait(&set, &signal);
}

}  // namespace miroir::app
