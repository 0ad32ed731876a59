CREATE TABLE peers (
    id         TEXT PRIMARY KEY,
    version    TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

-- view: raised by every change of what replicas plan and read by.
INSERT INTO counters VALUES ('view', 0);
