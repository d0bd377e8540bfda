-- The DER of certificate $1.
SELECT der FROM certificate WHERE id = $1::bigint
