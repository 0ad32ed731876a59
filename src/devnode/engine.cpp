#include "devnode/engine.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "devnode/task_runner.hpp"
#include "miroir/meili/error.hpp"
#include "miroir/meili/json_text.hpp"

namespace miroir::devnode {

namespace {

constexpr const char* next_uid_name = "next_task_uid";

std::string database_file(const std::string& directory) {
    if (directory.empty()) {
        return "";
    }
    std::filesystem::create_directories(directory);
    return directory + "/dev-node.sqlite";
}

std::set<std::uint32_t> matched_uids(const Task& task) {
    std::set<std::uint32_t> out;
    if (const auto parameters = meili::parse_json(task.parameters)) {
        for (const auto& item : parameters.value().items) {
            out.insert(static_cast<std::uint32_t>(item.number.positive));
        }
    }
    return out;
}

// The details with the member that is not known before the end: `null` becomes the number.
std::string completed(std::string details, const std::string& member, std::size_t count) {
    const auto open = "\"" + member + "\":null";
    if (const auto at = details.find(open); at != std::string::npos) {
        details.replace(at, open.size(), "\"" + member + "\":" + std::to_string(count));
    }
    return details;
}

std::string canceled_details(const Task& task) {
    auto details = completed(task.details, "indexedDocuments", 0);
    return completed(std::move(details), "deletedDocuments", 0);
}

}  // namespace

Engine::Engine(EngineOptions options, const Clock& clock, Log& log)
    : clock_(clock),
      log_(log),
      task_delay_(options.task_delay),
      storage_(std::make_unique<Storage>(database_file(options.directory))) {
    for (auto& index : storage_->load_indexes()) {
        const auto uid = index->uid;
        indexes_[uid] = std::move(index);
    }
    for (auto& task : storage_->load_tasks()) {
        if (task.status == TaskStatus::processing) {
            task.status = TaskStatus::enqueued;
        }
        next_uid_ = task.uid + 1;
        next_batch_ = task.batch_uid ? std::max(next_batch_, *task.batch_uid + 1) : next_batch_;
        tasks_[task.uid] = std::move(task);
    }
    if (const auto kept = storage_->value(next_uid_name)) {
        next_uid_ = std::max(next_uid_, static_cast<std::uint32_t>(std::stoul(*kept)));
    }
    worker_ = std::thread([this] { work(); });
}

Engine::~Engine() {
    {
        const std::lock_guard lock(queue_mutex_);
        stopping_ = true;
    }
    queue_changed_.notify_all();
    worker_.join();
}

Task Engine::enqueue(Task task) {
    const std::lock_guard lock(queue_mutex_);
    task.uid = next_uid_;
    task.enqueued_at = clock_.wall();
    storage_->save_task(task);
    ++next_uid_;
    Task summary = task;
    summary.payload.clear();
    tasks_[task.uid] = std::move(task);
    queue_changed_.notify_all();
    return summary;
}

std::optional<Task> Engine::find_task(std::uint32_t uid) const {
    const std::lock_guard lock(queue_mutex_);
    const auto found = tasks_.find(uid);
    return found == tasks_.end() ? std::nullopt : std::optional(found->second);
}

bool Engine::has_cancelation() const {
    return std::any_of(tasks_.begin(), tasks_.end(), [](const auto& entry) {
        return entry.second.kind == TaskKind::task_cancelation && entry.second.status == TaskStatus::enqueued;
    });
}

std::optional<std::uint32_t> Engine::next_task() const {
    std::optional<std::uint32_t> first;
    std::optional<std::uint32_t> deletion;
    std::optional<std::uint32_t> cancelation;
    for (const auto& [uid, task] : tasks_) {
        if (task.status != TaskStatus::enqueued) {
            continue;
        }
        first = first ? first : uid;
        if (task.kind == TaskKind::task_deletion && !deletion) {
            deletion = uid;
        }
        if (task.kind == TaskKind::task_cancelation) {
            cancelation = uid;
        }
    }
    return cancelation ? cancelation : deletion ? deletion : first;
}

void Engine::work() {
    std::unique_lock lock(queue_mutex_);
    while (true) {
        std::optional<std::uint32_t> uid;
        queue_changed_.wait(lock, [&] { return stopping_ || (uid = next_task()).has_value(); });
        if (stopping_) {
            return;
        }
        Task& task = tasks_[*uid];
        task.status = TaskStatus::processing;
        task.started_at = clock_.wall();
        const auto batch = next_batch_++;
        task.batch_uid = batch;
        const bool may_wait = task.kind != TaskKind::task_cancelation && task_delay_.count() > 0;
        const auto interrupted = [&] { return stopping_ || has_cancelation(); };
        if (may_wait && queue_changed_.wait_for(lock, task_delay_, interrupted)) {
            Task& put_back = tasks_[*uid];
            put_back.status = TaskStatus::enqueued;
            put_back.started_at.reset();
            put_back.batch_uid.reset();
            continue;
        }
        Task copy = tasks_[*uid];
        lock.unlock();
        run(std::move(copy), batch);
        lock.lock();
    }
}

void Engine::run(Task task, std::uint32_t batch_uid) {
    task.batch_uid = batch_uid;
    try {
        if (task.kind == TaskKind::task_cancelation) {
            run_cancelation(task);
        } else if (task.kind == TaskKind::task_deletion) {
            run_deletion(task);
        } else {
            run_state_task(task);
        }
    } catch (const std::exception& fault) {
        log_.error("task failed", {{"task", std::to_string(task.uid)}, {"reason", fault.what()}});
        task.error =
            meili::error("internal", std::string("An internal error has occurred. `") + fault.what() + "`.");
        task.status = TaskStatus::failed;
        store_finished(task);
    }
}

void Engine::run_state_task(Task& task) {
    const std::unique_lock state_lock(state_mutex_);
    TaskRunner runner(indexes_, *storage_, clock_);
    storage_->atomically([&] {
        auto outcome = runner.run(task);
        task.status = outcome.error ? TaskStatus::failed : TaskStatus::succeeded;
        task.error = std::move(outcome.error);
        if (!outcome.details.empty()) {
            task.details = std::move(outcome.details);
        }
    });
    const std::lock_guard lock(queue_mutex_);
    for (auto& [uid, earlier] : tasks_) {
        const auto renamed = std::find_if(
            runner.renames().begin(), runner.renames().end(),
            [&, &other = earlier](const auto& rename) { return other.index_uid == rename.from; });
        if (uid < task.uid && renamed != runner.renames().end()) {
            earlier.index_uid = renamed->to;
            storage_->save_task(earlier);
        }
    }
    task.finished_at = clock_.wall();
    task.parameters.clear();
    task.payload.clear();
    storage_->save_task(task);
    tasks_[task.uid] = task;
}

void Engine::run_cancelation(Task& task) {
    const auto wanted = matched_uids(task);
    std::size_t canceled = 0;
    {
        const std::lock_guard lock(queue_mutex_);
        const auto now = clock_.wall();
        for (auto& [uid, other] : tasks_) {
            if (!wanted.count(uid) || uid >= task.uid || other.finished()) {
                continue;
            }
            other.status = TaskStatus::canceled;
            other.canceled_by = task.uid;
            other.batch_uid = task.batch_uid;
            other.started_at = task.started_at;
            other.finished_at = now;
            other.details = canceled_details(other);
            other.parameters.clear();
            other.payload.clear();
            storage_->save_task(other);
            ++canceled;
        }
    }
    task.details = completed(task.details, "canceledTasks", canceled);
    task.status = TaskStatus::succeeded;
    store_finished(task);
}

void Engine::run_deletion(Task& task) {
    std::size_t deleted = 0;
    {
        const std::lock_guard lock(queue_mutex_);
        for (const auto uid : matched_uids(task)) {
            const auto found = tasks_.find(uid);
            if (found != tasks_.end() && uid < task.uid && found->second.finished()) {
                tasks_.erase(found);
                storage_->delete_task(uid);
                ++deleted;
            }
        }
        storage_->set_value(next_uid_name, std::to_string(next_uid_));
    }
    task.details = completed(task.details, "deletedTasks", deleted);
    task.status = TaskStatus::succeeded;
    store_finished(task);
}

void Engine::store_finished(Task& task) {
    const std::lock_guard lock(queue_mutex_);
    task.finished_at = clock_.wall();
    task.parameters.clear();
    task.payload.clear();
    storage_->save_task(task);
    tasks_[task.uid] = task;
}

}  // namespace miroir::devnode
