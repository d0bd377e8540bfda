-- Takes back a decision, and what renewals have inherited of it. $1 its number, or NULL; $2 hash (its beginning), or NULL; $3 who.
-- Column: how many.
WITH RECURSIVE meant AS (
    SELECT id FROM decision
    WHERE undone_at IS NULL AND (id = $1::bigint OR encode(sha256, 'hex') LIKE $2 || '%')
    UNION
    SELECT d.id FROM meant m JOIN decision d ON d.inherited_from = m.id WHERE d.undone_at IS NULL
), undone AS (
    UPDATE decision d SET undone_at = clock_timestamp(), undone_by = $3 FROM meant m WHERE m.id = d.id RETURNING d.filter
), standing AS (            -- a decision of a standing filter is taken back for this certificate alone; the last one ends the filter
    UPDATE decision_filter f SET undone_at = clock_timestamp()
    WHERE f.is_standing AND f.undone_at IS NULL AND f.id IN (SELECT filter FROM undone)
      AND NOT EXISTS (SELECT FROM decision d WHERE d.filter = f.id AND d.undone_at IS NULL AND d.id NOT IN (SELECT id FROM meant))
    RETURNING f.id)
SELECT count(*), (SELECT count(*) FROM standing) FROM undone
