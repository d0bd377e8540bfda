-- Stores up to which times ($3) these blocks of endpoints ($2) have been seen, as answers_blocks.sql does. $1 scan
INSERT INTO endpoint_block AS b (block, scan, latest_at, before_at)
SELECT block, $1::bigint, max(time), '-infinity' FROM unnest($2::bigint[], $3::timestamptz[]) AS seen (block, time) GROUP BY block
ON CONFLICT (block) DO UPDATE
SET before_at = CASE WHEN b.scan = excluded.scan THEN b.before_at ELSE greatest(b.before_at, b.latest_at) END,
    latest_at = CASE WHEN b.scan = excluded.scan THEN greatest(b.latest_at, excluded.latest_at) ELSE excluded.latest_at END,
    scan = excluded.scan
