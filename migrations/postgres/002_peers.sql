CREATE TABLE peers (
    id         TEXT COLLATE "C" PRIMARY KEY,
    version    TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);

-- view: raised by every change of what replicas plan and read by.
INSERT INTO counters VALUES ('view', 0);
