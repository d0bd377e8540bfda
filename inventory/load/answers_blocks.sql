-- Stores up to which time each block of endpoints has been seen. $1 scan, $2 what is later is ahead of the clock
INSERT INTO endpoint_block AS b (block, scan, latest_at, before_at)
SELECT endpoint >> 12, $1::bigint, max(time), '-infinity'
FROM in_class WHERE endpoint IS NOT NULL AND time <= $2::timestamptz GROUP BY 1
ON CONFLICT (block) DO UPDATE
SET before_at = CASE WHEN b.scan = excluded.scan THEN b.before_at ELSE greatest(b.before_at, b.latest_at) END,
    latest_at = CASE WHEN b.scan = excluded.scan THEN greatest(b.latest_at, excluded.latest_at) ELSE excluded.latest_at END,
    scan = excluded.scan
