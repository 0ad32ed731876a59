-- API keys. number: in the order of their creation.
CREATE TABLE api_keys (
    uid TEXT PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    name TEXT,
    description TEXT,
    actions TEXT NOT NULL,
    indexes TEXT NOT NULL,
    expires_at INTEGER,
    expires_text TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);

-- keys: grows with every change of a key.
INSERT INTO counters VALUES ('keys', 0);
