#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "devnode/catalog.hpp"
#include "devnode/storage.hpp"
#include "devnode/task.hpp"
#include "miroir/base/log.hpp"

namespace miroir::devnode {

struct EngineOptions {
    // Empty: in memory.
    std::string directory;
    // How long each task waits before it is worked on.
    std::chrono::milliseconds task_delay{0};
};

// The node without its HTTP: indexes, tasks and the one worker that runs them, in the order of their uids but
// for cancelations and deletions of tasks, which come first. Thread safe.
class Engine {
public:
    Engine(EngineOptions options, const Clock& clock, Log& log);
    ~Engine();
    Engine(Engine&&) = delete;

    // Gives the task its uid and date and stores it.
    Task enqueue(Task task);

    std::optional<Task> find_task(std::uint32_t uid) const;
    // Calls `visit` with each task in the order of their uids. `visit` must not call the engine.
    template <class Visit>
    void visit_tasks(Visit&& visit) const {
        const std::lock_guard lock(queue_mutex_);
        for (const auto& [uid, task] : tasks_) {
            visit(task);
        }
    }

    // `look` sees the indexes as they are between two tasks.
    template <class Look>
    auto read(Look&& look) const {
        const std::shared_lock lock(state_mutex_);
        return look(static_cast<const Indexes&>(indexes_));
    }

    Storage& storage() const { return *storage_; }

private:
    void work();
    // The next task, or the uid of none.
    std::optional<std::uint32_t> next_task() const;
    bool has_cancelation() const;
    void run(Task task, std::uint32_t batch_uid);
    void run_state_task(Task& task);
    void run_cancelation(Task& task);
    void run_deletion(Task& task);
    void store_finished(Task& task);

    const Clock& clock_;
    Log& log_;
    std::chrono::milliseconds task_delay_;
    std::unique_ptr<Storage> storage_;

    mutable std::shared_mutex state_mutex_;
    Indexes indexes_;

    mutable std::mutex queue_mutex_;
    std::condition_variable queue_changed_;
    std::map<std::uint32_t, Task> tasks_;
    std::uint32_t next_uid_ = 0;
    std::uint32_t next_batch_ = 0;
    bool stopping_ = false;

    std::thread worker_;
};

}  // namespace miroir::devnode
