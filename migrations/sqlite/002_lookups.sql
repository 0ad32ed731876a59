-- Parts whose answer was lost: they are looked up among the node's tasks by `miroir:<uid>:<nonce>`.
CREATE TABLE lookups (
    uid           INTEGER NOT NULL REFERENCES tasks (uid) ON DELETE CASCADE,
    node          TEXT NOT NULL,
    nonce         TEXT NOT NULL,
    node_tasks    INTEGER NOT NULL,  -- how many the part consists of
    newest_before INTEGER,           -- the node's newest task as known before the first was sent
    PRIMARY KEY (uid, node)
) WITHOUT ROWID;

-- 1: acked, but only because it was looked up.
ALTER TABLE task_parts ADD COLUMN found INTEGER NOT NULL DEFAULT 0;
