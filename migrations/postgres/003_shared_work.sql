-- Whose work a task is, and the task that asked for its cancelation.
ALTER TABLE tasks ADD COLUMN replica TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN cancel_by BIGINT;

-- The view version that the peer plans and reads by.
ALTER TABLE peers ADD COLUMN view BIGINT NOT NULL DEFAULT 0;

-- hold: numbers the entries of the journal that are no tasks.
INSERT INTO counters VALUES ('hold', 0);
