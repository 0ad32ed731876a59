#pragma once

#include <chrono>

namespace miroir::app {

// Blocks SIGINT and SIGTERM in this thread and all that it starts; call before the first thread. SIGPIPE is
// ignored.
void block_stop_signals();
// For a child process before it becomes another program.
void unblock_stop_signals();

// Returns when one of them has come.
void wait_for_stop_signal();
// The same, or false after the timeout.
bool wait_for_stop_signal(std::chrono::milliseconds timeout);

}  // namespace miroir::app
