-- Takes back a decision, and what renewals have inherited of it. $1 its number, or NULL; $2 hash (its beginning), or NULL; $3 who;
-- $4 name of the certificates, with * and ?, or NULL; $5 why, or NULL. Columns: how many, and how many filters ended.
WITH RECURSIVE meant AS (
    SELECT id FROM decision
    WHERE undone_at IS NULL AND (id = $1::bigint OR encode(sha256, 'hex') LIKE $2 || '%'
                                  OR ($4::text IS NOT NULL AND sha256 IN (       -- as filter_finds() finds a name
                                      SELECT d.sha256 FROM decision d JOIN certificate c USING (sha256)
                                      LEFT JOIN certificate_now n ON n.certificate = c.id LEFT JOIN certificate_own o ON o.certificate = c.id
                                      WHERE d.undone_at IS NULL
                                        AND (n.name ILIKE glob_like($4)
                                             OR EXISTS (SELECT FROM unnest(o.name_set) x (name) WHERE x.name ILIKE glob_like($4))))))
    UNION
    SELECT d.id FROM meant m JOIN decision d ON d.inherited_from = m.id WHERE d.undone_at IS NULL
), undone AS (
    UPDATE decision d SET undone_at = clock_timestamp(), undone_by = $3, undone_reason = $5 FROM meant m WHERE m.id = d.id RETURNING d.filter
), standing AS (            -- a decision of a standing filter is taken back for this certificate alone; the last one ends the filter
    UPDATE decision_filter f SET undone_at = clock_timestamp()
    WHERE f.is_standing AND f.undone_at IS NULL AND f.id IN (SELECT filter FROM undone)
      AND NOT EXISTS (SELECT FROM decision d WHERE d.filter = f.id AND d.undone_at IS NULL AND d.id NOT IN (SELECT id FROM meant))
    RETURNING f.id)
SELECT count(*), (SELECT count(*) FROM standing) FROM undone
