-- The same for the answers of endpoints that this batch has made known: none is unchanged. $1 scan
INSERT INTO in_class (row, endpoint, variant, time, is_same, is_late)
SELECT c.row, e.id, c.variant, c.time, false,
       coalesce(c.time <= CASE WHEN b.scan = $1::bigint THEN b.before_at ELSE greatest(b.latest_at, b.before_at) END, false)
FROM in_class c
JOIN endpoint e ON e.key = c.key
LEFT JOIN endpoint_block b ON b.block = e.id >> 12
WHERE c.endpoint IS NULL AND c.row NOT IN (SELECT row FROM in_first)
