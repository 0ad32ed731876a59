#pragma once

#include <string>

#include "devnode/catalog.hpp"
#include "devnode/storage.hpp"
#include "devnode/task.hpp"
#include "miroir/base/result.hpp"

namespace miroir::devnode {

struct TaskOutcome {
    // Replaces the task's details unless empty.
    std::string details;
    std::optional<ApiError> error;
};

// Does what tasks about indexes and documents ask for. Inside a transaction of `storage`, with readers kept
// out. A task that fails changes nothing but, at most, creates its index.
class TaskRunner {
public:
    TaskRunner(Indexes& indexes, Storage& storage, const Clock& clock)
        : indexes_(indexes), storage_(storage), clock_(clock) {}

    TaskOutcome run(const Task& task);

    struct Rename {
        std::string from;
        std::string to;
    };
    // What the last run renamed, all at once: the history of an index goes with it.
    const std::vector<Rename>& renames() const { return renames_; }

private:
    TaskOutcome create_index(const Task& task, const JsonValue& parameters);
    TaskOutcome update_index(const Task& task, const JsonValue& parameters);
    TaskOutcome delete_index(const Task& task);
    TaskOutcome swap_indexes(const Task& task, const JsonValue& parameters);
    void swap_pair(const std::string& left, const std::string& right);
    TaskOutcome update_settings(const Task& task, const JsonValue& parameters);
    TaskOutcome add_documents(const Task& task, const JsonValue& parameters);
    Result<std::uint64_t> add_batch(Index& index, const Task& task, const JsonValue& parameters);
    TaskOutcome delete_by_ids(const Task& task, const JsonValue& parameters);
    TaskOutcome delete_by_filter(const Task& task, const JsonValue& parameters);
    TaskOutcome clear_documents(const Task& task);

    Index& make_index(const std::string& uid);
    void remove_document(Index& index, const Document& document);
    void touch(Index& index);

    Indexes& indexes_;
    Storage& storage_;
    const Clock& clock_;
    std::vector<Rename> renames_;
};

}  // namespace miroir::devnode
