#include "devnode/storage.hpp"

#include <algorithm>

#include "miroir/meili/error.hpp"
#include "miroir/meili/json_value.hpp"

namespace miroir::devnode {

namespace {

constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS indexes (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    primary_key TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    settings TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS documents (
    index_key INTEGER NOT NULL,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (index_key, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tasks (
    uid INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    index_uid TEXT,
    status INTEGER NOT NULL,
    batch_uid INTEGER,
    canceled_by INTEGER,
    details TEXT NOT NULL,
    error TEXT,
    enqueued_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    custom_metadata TEXT,
    parameters TEXT NOT NULL,
    payload BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS kept_values (name TEXT PRIMARY KEY, value TEXT NOT NULL);
)";

// The words come ready-made with blanks between them: every other ASCII character belongs to a word.
constexpr const char* word_tokenizer = R"(tokenize="ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'")";

// A blank inside a word (of the dictionary setting) must not split it.
constexpr std::string_view hard_blank = "\u00a0";

std::string words_table(std::int64_t key) {
    return "words_" + std::to_string(key);
}
std::string vocabulary_table(std::int64_t key) {
    return "vocabulary_" + std::to_string(key);
}
std::string places_table(std::int64_t key) {
    return "places_" + std::to_string(key);
}

std::string stored_word(std::string word) {
    for (auto at = word.find(' '); at != std::string::npos; at = word.find(' ', at)) {
        word.replace(at, 1, hard_blank);
    }
    return word;
}

std::string read_word(std::string word) {
    for (auto at = word.find(hard_blank); at != std::string::npos; at = word.find(hard_blank)) {
        word.replace(at, hard_blank.size(), " ");
    }
    return word;
}

std::string word_list(const Index& index, const Document& document) {
    std::vector<std::string> words;
    for (const auto word : distinct_words(document)) {
        words.push_back(stored_word(index.dictionary().text(word)));
    }
    std::sort(words.begin(), words.end());
    std::string out;
    for (const auto& word : words) {
        out += word + ' ';
    }
    return out;
}

std::optional<std::int64_t> microseconds(const std::optional<WallTime>& time) {
    return time ? std::optional(time->us) : std::nullopt;
}

std::optional<WallTime> wall_time(const std::optional<std::int64_t>& us) {
    return us ? std::optional(WallTime{*us}) : std::nullopt;
}

std::optional<std::uint32_t> small_number(const std::optional<std::int64_t>& number) {
    return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

std::optional<ApiError> read_error(const std::optional<std::string>& json) {
    auto parsed = json ? meili::parse_json(*json) : meili::parse_json("null");
    if (!parsed || parsed.value().kind != meili::JsonKind::object) {
        return std::nullopt;
    }
    const auto* code = parsed.value().find("code");
    const auto* message = parsed.value().find("message");
    return code && message ? std::optional(meili::error(code->string, message->string)) : std::nullopt;
}

}  // namespace

Storage::Storage(const std::string& file)
    : connection_(file.empty() ? ":memory:" : file, sqlite::Options{.durable = false}) {
    connection_.run_script(schema);
}

void Storage::atomically(const std::function<void()>& work) {
    const std::lock_guard lock(mutex_);
    sqlite::Transaction transaction(connection_);
    work();
    transaction.commit();
}

std::vector<std::unique_ptr<Index>> Storage::load_indexes() {
    const std::lock_guard lock(mutex_);
    std::vector<std::unique_ptr<Index>> out;
    auto rows =
        connection_.query("SELECT key, uid, primary_key, created_at, updated_at, settings FROM indexes");
    while (rows.step()) {
        auto index = std::make_unique<Index>();
        index->key = rows.integer(0);
        index->uid = rows.text(1);
        index->primary_key = rows.optional_text(2);
        index->created_at = WallTime{rows.integer(3)};
        index->updated_at = WallTime{rows.integer(4)};
        index->set_rules(make_rules(rows.text(5)));
        auto documents = connection_.query(
            "SELECT number, id, body FROM documents WHERE index_key = ? ORDER BY number", index->key);
        while (documents.step()) {
            const auto number = static_cast<DocumentNumber>(documents.integer(0));
            index->put(index->make_document(number, documents.text(1), documents.text(2)));
        }
        out.push_back(std::move(index));
    }
    return out;
}

void Storage::save_index(Index& index) {
    const std::lock_guard lock(mutex_);
    if (index.key == 0) {
        auto row = connection_.query(
            "INSERT INTO indexes (uid, created_at, updated_at, settings) VALUES ('', 0, 0, '') RETURNING "
            "key");
        row.step();
        index.key = row.integer(0);
        create_words(index.key);
    }
    connection_.run(
        "UPDATE indexes SET uid = ?, primary_key = ?, created_at = ?, updated_at = ?, settings = ? WHERE key "
        "= ?",
        index.uid, index.primary_key, index.created_at.us, index.updated_at.us, index.rules().settings_json,
        index.key);
}

void Storage::create_words(std::int64_t key) {
    const auto words = words_table(key);
    connection_.run("CREATE VIRTUAL TABLE " + words + " USING fts5(words, content='', detail=none, " +
                    word_tokenizer + ")");
    connection_.run("CREATE VIRTUAL TABLE " + vocabulary_table(key) + " USING fts5vocab(" + words +
                    ", 'row')");
    connection_.run("CREATE VIRTUAL TABLE " + places_table(key) + " USING fts5vocab(" + words +
                    ", 'instance')");
}

void Storage::delete_index(const Index& index) {
    const std::lock_guard lock(mutex_);
    for (const auto& table : {places_table(index.key), vocabulary_table(index.key), words_table(index.key)}) {
        connection_.run("DROP TABLE " + table);
    }
    connection_.run("DELETE FROM documents WHERE index_key = ?", index.key);
    connection_.run("DELETE FROM indexes WHERE key = ?", index.key);
}

void Storage::put_document(const Index& index, const Document& document, const Document* previous) {
    const std::lock_guard lock(mutex_);
    if (previous) {
        remove_words(index, *previous);
    }
    connection_.run("INSERT OR REPLACE INTO documents (index_key, number, id, body) VALUES (?, ?, ?, ?)",
                    index.key, document.number, document.id, document.body);
    add_words(index, document);
}

void Storage::delete_document(const Index& index, const Document& document) {
    const std::lock_guard lock(mutex_);
    remove_words(index, document);
    connection_.run("DELETE FROM documents WHERE index_key = ? AND number = ?", index.key, document.number);
}

void Storage::delete_documents(const Index& index) {
    const std::lock_guard lock(mutex_);
    const auto words = words_table(index.key);
    connection_.run("INSERT INTO " + words + "(" + words + ") VALUES ('delete-all')");
    connection_.run("DELETE FROM documents WHERE index_key = ?", index.key);
}

void Storage::rebuild_words(const Index& index) {
    const std::lock_guard lock(mutex_);
    const auto words = words_table(index.key);
    connection_.run("INSERT INTO " + words + "(" + words + ") VALUES ('delete-all')");
    for (const auto& document : index.documents()) {
        if (document) {
            add_words(index, *document);
        }
    }
}

void Storage::add_words(const Index& index, const Document& document) {
    connection_.run("INSERT INTO " + words_table(index.key) + "(rowid, words) VALUES (?, ?)", document.number,
                    word_list(index, document));
}

void Storage::remove_words(const Index& index, const Document& document) {
    const auto words = words_table(index.key);
    connection_.run("INSERT INTO " + words + "(" + words + ", rowid, words) VALUES ('delete', ?, ?)",
                    document.number, word_list(index, document));
}

std::vector<WordNumber> Storage::live_words(const Index& index) {
    const std::lock_guard lock(mutex_);
    std::vector<WordNumber> out;
    auto rows = connection_.query("SELECT term FROM " + vocabulary_table(index.key));
    while (rows.step()) {
        if (const auto word = index.dictionary().find(read_word(rows.text(0)))) {
            out.push_back(*word);
        }
    }
    return out;
}

std::vector<DocumentNumber> Storage::documents_with(const Index& index,
                                                    const std::vector<WordNumber>& words) {
    const std::lock_guard lock(mutex_);
    std::vector<DocumentNumber> out;
    for (const auto word : words) {
        auto rows = connection_.query("SELECT doc FROM " + places_table(index.key) + " WHERE term = ?",
                                      stored_word(index.dictionary().text(word)));
        while (rows.step()) {
            out.push_back(static_cast<DocumentNumber>(rows.integer(0)));
        }
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::vector<Task> Storage::load_tasks() {
    const std::lock_guard lock(mutex_);
    std::vector<Task> out;
    auto rows = connection_.query(
        "SELECT uid, kind, index_uid, status, batch_uid, canceled_by, details, error, enqueued_at, "
        "started_at, "
        "finished_at, custom_metadata, parameters, payload FROM tasks ORDER BY uid");
    while (rows.step()) {
        Task task;
        task.uid = static_cast<std::uint32_t>(rows.integer(0));
        task.kind = static_cast<TaskKind>(rows.integer(1));
        task.index_uid = rows.optional_text(2);
        task.status = static_cast<TaskStatus>(rows.integer(3));
        task.batch_uid = small_number(rows.optional_integer(4));
        task.canceled_by = small_number(rows.optional_integer(5));
        task.details = rows.text(6);
        task.error = read_error(rows.optional_text(7));
        task.enqueued_at = WallTime{rows.integer(8)};
        task.started_at = wall_time(rows.optional_integer(9));
        task.finished_at = wall_time(rows.optional_integer(10));
        task.custom_metadata = rows.optional_text(11);
        task.parameters = rows.text(12);
        task.payload = rows.text(13);
        out.push_back(std::move(task));
    }
    return out;
}

void Storage::save_task(const Task& task) {
    const std::lock_guard lock(mutex_);
    const auto error = task.error ? std::optional(meili::to_json(*task.error)) : std::nullopt;
    connection_.run("INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    task.uid, static_cast<int>(task.kind), task.index_uid, static_cast<int>(task.status),
                    task.batch_uid, task.canceled_by, task.details, error, task.enqueued_at.us,
                    microseconds(task.started_at), microseconds(task.finished_at), task.custom_metadata,
                    task.parameters, task.payload);
}

void Storage::delete_task(std::uint32_t uid) {
    const std::lock_guard lock(mutex_);
    connection_.run("DELETE FROM tasks WHERE uid = ?", uid);
}

std::optional<std::string> Storage::value(const std::string& name) {
    const std::lock_guard lock(mutex_);
    auto row = connection_.query("SELECT value FROM kept_values WHERE name = ?", name);
    return row.step() ? std::optional(row.text(0)) : std::nullopt;
}

void Storage::set_value(const std::string& name, const std::string& value) {
    const std::lock_guard lock(mutex_);
    connection_.run("INSERT OR REPLACE INTO kept_values VALUES (?, ?)", name, value);
}

}  // namespace miroir::devnode
