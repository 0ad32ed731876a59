-- Times are microseconds since the Unix epoch. Lists are JSON arrays. Texts compare by their bytes, as in every backend.

-- The store's clock. Of a statement, not of its transaction, which may have waited for a lock.
CREATE FUNCTION store_time() RETURNS BIGINT LANGUAGE SQL VOLATILE AS
    $$ SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT $$;

-- task_uid and ledger_revision: the next one to be issued; enqueued_at: of the newest task.
CREATE TABLE counters (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters VALUES ('task_uid', 0), ('ledger_revision', 1), ('enqueued_at', 0);

CREATE TABLE facts (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE topology (
    one   BIGINT PRIMARY KEY CHECK (one = 1),
    epoch BIGINT NOT NULL,
    body  TEXT COLLATE "C" NOT NULL
);

CREATE TABLE indexes (
    logical          TEXT COLLATE "C" PRIMARY KEY,
    physical         TEXT COLLATE "C" NOT NULL UNIQUE,
    generation       BIGINT NOT NULL,
    primary_key      TEXT COLLATE "C",
    shards           BIGINT NOT NULL,
    placement        TEXT COLLATE "C" NOT NULL,
    settings         TEXT COLLATE "C" NOT NULL,
    settings_version BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL
);

-- Outlive the index: a generation is never used twice for a logical uid, nor a physical uid at all.
CREATE TABLE index_generations (
    logical TEXT COLLATE "C" PRIMARY KEY,
    last    BIGINT NOT NULL
);
CREATE TABLE used_physical_uids (
    physical TEXT COLLATE "C" PRIMARY KEY
);

CREATE TABLE tasks (
    uid             BIGINT PRIMARY KEY,
    type            TEXT COLLATE "C" NOT NULL,
    index_uid       TEXT COLLATE "C",
    status          TEXT COLLATE "C" NOT NULL,
    canceled_by     BIGINT,
    details         TEXT COLLATE "C" NOT NULL,
    error           TEXT COLLATE "C" NOT NULL DEFAULT '',
    custom_metadata TEXT COLLATE "C",
    enqueued_at     BIGINT NOT NULL,
    started_at      BIGINT,
    finished_at     BIGINT
);
CREATE INDEX tasks_by_index ON tasks (index_uid, uid);
CREATE INDEX tasks_unfinished ON tasks (uid) WHERE finished_at IS NULL;
CREATE INDEX tasks_by_end ON tasks (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE task_parts (
    uid         BIGINT NOT NULL REFERENCES tasks (uid) ON DELETE CASCADE,
    node        TEXT COLLATE "C" NOT NULL,
    shards      TEXT COLLATE "C" NOT NULL,
    result      TEXT COLLATE "C" NOT NULL,
    node_tasks  TEXT COLLATE "C" NOT NULL DEFAULT '[]',
    status      TEXT COLLATE "C",
    details     TEXT COLLATE "C" NOT NULL DEFAULT '',
    error       TEXT COLLATE "C" NOT NULL DEFAULT '',
    started_at  BIGINT,
    finished_at BIGINT,
    found       BIGINT NOT NULL DEFAULT 0,  -- 1: acked, but only because it was looked up
    PRIMARY KEY (uid, node)
);

-- Entries that are open, and control operations that are not complete.
CREATE TABLE journal (
    uid             BIGINT PRIMARY KEY,
    nonce           TEXT COLLATE "C" NOT NULL,
    replica         TEXT COLLATE "C" NOT NULL,
    logical         TEXT COLLATE "C" NOT NULL,
    physical        TEXT COLLATE "C" NOT NULL,
    epoch           BIGINT NOT NULL,
    generation      BIGINT NOT NULL,
    whole_index     BIGINT NOT NULL,
    shards          TEXT COLLATE "C" NOT NULL,
    targets         TEXT COLLATE "C" NOT NULL,
    operation       TEXT COLLATE "C" NOT NULL,
    operation_body  TEXT COLLATE "C" NOT NULL,
    operation_state TEXT COLLATE "C" NOT NULL DEFAULT '',
    open            BIGINT NOT NULL DEFAULT 1,
    opened_at       BIGINT NOT NULL
);
CREATE INDEX journal_open ON journal (logical, uid) WHERE open = 1;

CREATE TABLE dirty_copies (
    physical        TEXT COLLATE "C" NOT NULL,
    shard           BIGINT NOT NULL,
    node            TEXT COLLATE "C" NOT NULL,
    all_ids         BIGINT NOT NULL,
    ids             BIGINT NOT NULL,  -- rows in dirty_ids
    reason          TEXT COLLATE "C" NOT NULL,
    reference       TEXT COLLATE "C" NOT NULL,
    reference_since BIGINT NOT NULL,
    newest          BIGINT NOT NULL,
    revision        BIGINT NOT NULL,
    PRIMARY KEY (physical, shard, node)
);

CREATE TABLE dirty_ids (
    physical TEXT COLLATE "C" NOT NULL,
    shard    BIGINT NOT NULL,
    node     TEXT COLLATE "C" NOT NULL,
    id       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (physical, shard, node, id)
);

CREATE TABLE applied_settings (
    physical TEXT COLLATE "C" NOT NULL,
    node     TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL,
    PRIMARY KEY (physical, node)
);

-- Rows are never deleted: the fence token only grows.
CREATE TABLE leases (
    name       TEXT COLLATE "C" PRIMARY KEY,
    holder     TEXT COLLATE "C" NOT NULL,
    token      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE node_memory (
    node        TEXT COLLATE "C" PRIMARY KEY,
    newest_task BIGINT NOT NULL
);

-- Parts whose answer was lost: they are looked up among the node's tasks by `miroir:<uid>:<nonce>`.
CREATE TABLE lookups (
    uid           BIGINT NOT NULL REFERENCES tasks (uid) ON DELETE CASCADE,
    node          TEXT COLLATE "C" NOT NULL,
    nonce         TEXT COLLATE "C" NOT NULL,
    node_tasks    BIGINT NOT NULL,  -- how many the part consists of
    newest_before BIGINT,           -- the node's newest task as known before the first was sent
    PRIMARY KEY (uid, node)
);
