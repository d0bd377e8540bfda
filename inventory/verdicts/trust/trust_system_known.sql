-- Does the stored store $1 have exactly these $3 roots ($2, a hash over their hashes)? A row if so: no roots need no store, but for the system's.
SELECT 1 WHERE EXISTS (SELECT FROM trust_store WHERE name = $1 AND sha256 = $2::bytea)
               OR ($1 <> 'system' AND $3::bigint = 0 AND NOT EXISTS (SELECT FROM trust_store WHERE name = $1))
