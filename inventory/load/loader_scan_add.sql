-- $1 scan UUID, $2 site, $3 kind, $4 started at, $5 plan, $6 space, $7 permutation key, $8 size of the space,
-- $9 count of shards
WITH added AS (
    INSERT INTO scan (scan_id, site, kind, started_at, plan, space, permutation_key, space_size, shard_count)
    SELECT $1, id, $3, $4, $5, $6, $7, $8, $9 FROM site WHERE name = $2
    ON CONFLICT (scan_id) DO NOTHING
    RETURNING id
)
INSERT INTO follow_up (scan, capture)
SELECT id, plan_follow_up_of($5) FROM added
