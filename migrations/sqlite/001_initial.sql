-- Times are microseconds since the Unix epoch. Lists are JSON arrays.

-- task_uid and ledger_revision: the next one to be issued; enqueued_at: of the newest task.
CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counters VALUES ('task_uid', 0), ('ledger_revision', 1), ('enqueued_at', 0);

CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE topology (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL,
    body  TEXT NOT NULL
);

CREATE TABLE indexes (
    logical          TEXT PRIMARY KEY,
    physical         TEXT NOT NULL UNIQUE,
    generation       INTEGER NOT NULL,
    primary_key      TEXT,
    shards           INTEGER NOT NULL,
    placement        TEXT NOT NULL,
    settings         TEXT NOT NULL,
    settings_version INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL
);

-- Outlive the index: a generation is never used twice for a logical uid, nor a physical uid at all.
CREATE TABLE index_generations (
    logical TEXT PRIMARY KEY,
    last    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE used_physical_uids (
    physical TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE tasks (
    uid             INTEGER PRIMARY KEY,
    type            TEXT NOT NULL,
    index_uid       TEXT,
    status          TEXT NOT NULL,
    canceled_by     INTEGER,
    details         TEXT NOT NULL,
    error           TEXT NOT NULL DEFAULT '',
    custom_metadata TEXT,
    enqueued_at     INTEGER NOT NULL,
    started_at      INTEGER,
    finished_at     INTEGER
);
CREATE INDEX tasks_by_index ON tasks (index_uid, uid);
CREATE INDEX tasks_unfinished ON tasks (uid) WHERE finished_at IS NULL;
CREATE INDEX tasks_by_end ON tasks (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE task_parts (
    uid         INTEGER NOT NULL REFERENCES tasks (uid) ON DELETE CASCADE,
    node        TEXT NOT NULL,
    shards      TEXT NOT NULL,
    result      TEXT NOT NULL,
    node_tasks  TEXT NOT NULL DEFAULT '[]',
    status      TEXT,
    details     TEXT NOT NULL DEFAULT '',
    error       TEXT NOT NULL DEFAULT '',
    started_at  INTEGER,
    finished_at INTEGER,
    PRIMARY KEY (uid, node)
) WITHOUT ROWID;

-- Entries that are open, and control operations that are not complete.
CREATE TABLE journal (
    uid             INTEGER PRIMARY KEY,
    nonce           TEXT NOT NULL,
    replica         TEXT NOT NULL,
    logical         TEXT NOT NULL,
    physical        TEXT NOT NULL,
    epoch           INTEGER NOT NULL,
    generation      INTEGER NOT NULL,
    whole_index     INTEGER NOT NULL,
    shards          TEXT NOT NULL,
    targets         TEXT NOT NULL,
    operation       TEXT NOT NULL,
    operation_body  TEXT NOT NULL,
    operation_state TEXT NOT NULL DEFAULT '',
    open            INTEGER NOT NULL DEFAULT 1,
    opened_at       INTEGER NOT NULL
);
CREATE INDEX journal_open ON journal (logical, uid) WHERE open = 1;

CREATE TABLE dirty_copies (
    physical        TEXT NOT NULL,
    shard           INTEGER NOT NULL,
    node            TEXT NOT NULL,
    all_ids         INTEGER NOT NULL,
    ids             INTEGER NOT NULL,  -- rows in dirty_ids
    reason          TEXT NOT NULL,
    reference       TEXT NOT NULL,
    reference_since INTEGER NOT NULL,
    newest          INTEGER NOT NULL,
    revision        INTEGER NOT NULL,
    PRIMARY KEY (physical, shard, node)
) WITHOUT ROWID;

CREATE TABLE dirty_ids (
    physical TEXT NOT NULL,
    shard    INTEGER NOT NULL,
    node     TEXT NOT NULL,
    id       TEXT NOT NULL,
    PRIMARY KEY (physical, shard, node, id)
) WITHOUT ROWID;

CREATE TABLE applied_settings (
    physical TEXT NOT NULL,
    node     TEXT NOT NULL,
    version  INTEGER NOT NULL,
    PRIMARY KEY (physical, node)
) WITHOUT ROWID;

-- Rows are never deleted: the fence token only grows.
CREATE TABLE leases (
    name       TEXT PRIMARY KEY,
    holder     TEXT NOT NULL,
    token      INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE node_memory (
    node        TEXT PRIMARY KEY,
    newest_task INTEGER NOT NULL
) WITHOUT ROWID;
