-- $1 the bundle's own id, $2 scan, $3 shard
INSERT INTO bundle (bundle_id, scan, shard) VALUES ($1, $2, $3) ON CONFLICT (bundle_id) DO NOTHING
