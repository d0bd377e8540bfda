-- Does the stored system store have exactly these roots ($1, a hash over their hashes)? A row if so.
SELECT 1 FROM trust_store WHERE name = 'system' AND sha256 = $1::bytea
