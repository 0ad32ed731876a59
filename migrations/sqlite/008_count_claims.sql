-- claims: how many there are.
INSERT INTO counters SELECT 'claims', COUNT(*) FROM claims;
