-- Stores states that are new; in_state_new has them, for their contents.
WITH added AS (
    INSERT INTO file_state (hash, kind, outcome, detail, mode, uid, gid, marks, set_hash, certificates, keys)
    SELECT DISTINCT ON (hash) hash, kind, outcome, detail, mode, uid, gid, marks, set_hash, certificates, keys FROM in_file ORDER BY hash
    ON CONFLICT (hash) DO NOTHING
    RETURNING id, hash
)
INSERT INTO in_state_new SELECT id, hash FROM added
