-- The present of the places of this bundle. $1 scan
WITH latest AS (
    SELECT DISTINCT ON (place) place, state, from_at, modified_at FROM in_file_span ORDER BY place, from_at DESC
), seen AS (
    SELECT place, min(from_at) AS first_at, max(to_at) AS last_at FROM in_file_span WHERE state IS NOT NULL GROUP BY place
), reading AS (
    SELECT DISTINCT ON (place) place, at, size FROM in_point WHERE state IS NOT NULL ORDER BY place, at DESC
)
INSERT INTO file_now AS n (place, state, since, first_at, last_at, gone_at, modified_at, size, scan)
SELECT l.place, l.state, l.from_at, s.first_at, s.last_at, CASE WHEN l.state IS NULL THEN l.from_at END, l.modified_at,
       CASE WHEN r.at >= s.last_at THEN r.size END, CASE WHEN r.at >= s.last_at THEN $1::bigint ELSE 0 END
FROM latest l
LEFT JOIN seen s USING (place)
LEFT JOIN reading r USING (place)
ON CONFLICT (place) DO UPDATE
SET state = excluded.state, since = excluded.since, first_at = excluded.first_at, last_at = excluded.last_at, gone_at = excluded.gone_at,
    modified_at = excluded.modified_at, size = CASE WHEN excluded.scan = 0 THEN n.size ELSE excluded.size END,
    scan = CASE WHEN excluded.scan = 0 THEN n.scan ELSE excluded.scan END
WHERE (n.state, n.since, n.first_at, n.last_at, n.gone_at, n.modified_at, n.scan)
      IS DISTINCT FROM (excluded.state, excluded.since, excluded.first_at, excluded.last_at, excluded.gone_at, excluded.modified_at,
                        CASE WHEN excluded.scan = 0 THEN n.scan ELSE excluded.scan END)
