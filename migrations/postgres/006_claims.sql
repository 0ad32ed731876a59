-- Requests with an idempotency key, by a digest of who asked for what under which key; body: a digest of theirs.
-- accepted: whether the client was told so.
CREATE TABLE claims (
    scope TEXT COLLATE "C" PRIMARY KEY,
    body TEXT COLLATE "C" NOT NULL,
    uid BIGINT NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    index_uid TEXT COLLATE "C",
    metadata TEXT COLLATE "C",
    enqueued_at BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX claims_by_uid ON claims (uid);
CREATE INDEX claims_by_age ON claims (made_at, uid);
