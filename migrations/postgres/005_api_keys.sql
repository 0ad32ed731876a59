-- API keys. number: in the order of their creation.
CREATE TABLE api_keys (
    uid TEXT COLLATE "C" PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    name TEXT COLLATE "C",
    description TEXT COLLATE "C",
    actions TEXT COLLATE "C" NOT NULL,
    indexes TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT,
    expires_text TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- keys: grows with every change of a key.
INSERT INTO counters VALUES ('keys', 0);
