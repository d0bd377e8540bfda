-- Stores a list: $1 SHA-256, $2 source, $3 authority, $4 this and $5 next update, $6 number, $7 scope, $8 points, $9 is it
-- complete. Column: its id; no row where it is known.
INSERT INTO crl (sha256, source, authority, this_update, next_update, number, scope, points, is_complete, entry_count)
VALUES ($1::bytea, $2, $3::bigint, $4::timestamptz, $5::timestamptz, $6, $7, $8::text[], $9::boolean, 0)
ON CONFLICT (sha256) DO NOTHING
RETURNING id
