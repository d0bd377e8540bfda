-- Is the system's store known as of these roots ($1, a hash over their hashes)? A row, or none.
SELECT 1 FROM trust_store WHERE name = 'system' AND sha256 = $1::bytea
