-- Requests with an idempotency key, by a digest of who asked for what under which key; body: a digest of theirs.
-- accepted: whether the client was told so.
CREATE TABLE claims (
    scope TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    uid INTEGER NOT NULL,
    type TEXT NOT NULL,
    index_uid TEXT,
    metadata TEXT,
    enqueued_at INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    made_at INTEGER NOT NULL
);
CREATE INDEX claims_by_uid ON claims (uid);
CREATE INDEX claims_by_age ON claims (made_at, uid);
