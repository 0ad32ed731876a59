#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "devnode/index.hpp"
#include "devnode/task.hpp"
#include "miroir/sqlite/connection.hpp"
#include "miroir/sqlite/transaction.hpp"

namespace miroir::devnode {

// What the node keeps: one SQLite database with an FTS5 table of words per index. Thread safe.
class Storage {
public:
    // `file` empty: in memory.
    explicit Storage(const std::string& file);

    // Everything inside is stored at once, or nothing when `work` throws.
    void atomically(const std::function<void()>& work);

    std::vector<std::unique_ptr<Index>> load_indexes();
    // Sets the key of a new index.
    void save_index(Index& index);
    void delete_index(const Index& index);
    void put_document(const Index& index, const Document& document, const Document* previous);
    void delete_document(const Index& index, const Document& document);
    void delete_documents(const Index& index);
    // After the words of all documents changed.
    void rebuild_words(const Index& index);

    std::vector<WordNumber> live_words(const Index& index);
    // The documents that have one of the words, ascending.
    std::vector<DocumentNumber> documents_with(const Index& index, const std::vector<WordNumber>& words);

    std::vector<Task> load_tasks();
    void save_task(const Task& task);
    void delete_task(std::uint32_t uid);

    std::optional<std::string> value(const std::string& name);
    void set_value(const std::string& name, const std::string& value);

private:
    void create_words(std::int64_t key);
    void add_words(const Index& index, const Document& document);
    void remove_words(const Index& index, const Document& document);

    std::recursive_mutex mutex_;
    sqlite::Connection connection_;
};

}  // namespace miroir::devnode
