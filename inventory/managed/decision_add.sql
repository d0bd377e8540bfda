-- Decides of all certificates that a filter finds. $1 filter, $2 record that they are linked to, or NULL. A certificate that has the same
-- decision already, for as long, keeps it. Column: how many.
WITH made AS (
    INSERT INTO decision (kind, sha256, source, record_key, reason, who, made_at, until, filter)
    SELECT f.kind, n.sha256, r.source, r.key, f.reason, f.who, f.made_at, f.until, f.id
    FROM decision_filter f
    JOIN certificate_now n ON filter_finds(f, n)
    LEFT JOIN managed_record r ON r.id = $2::bigint AND r.valid_to IS NULL
    WHERE f.id = $1::bigint
      AND NOT EXISTS (SELECT FROM decision_open d
                      WHERE d.sha256 = n.sha256 AND d.kind = f.kind AND d.record_key IS NOT DISTINCT FROM r.key
                        AND coalesce(d.until, 'infinity') >= coalesce(f.until, 'infinity'))
    RETURNING id)
SELECT count(*) FROM made
