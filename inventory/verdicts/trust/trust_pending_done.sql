-- Removes certificates after $1 up to $2 from the pending list. CA certificates that are not ready (no authority yet) stay.
DELETE FROM trust_pending p USING certificate_facts f
WHERE f.certificate = p.certificate AND (p.is_ready OR NOT f.is_ca)
  AND p.certificate > $1::bigint AND p.certificate <= $2::bigint
  AND f.certificate > $1::bigint AND f.certificate <= $2::bigint          -- the same, so that no other is read
