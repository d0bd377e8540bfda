-- Takes those behind $1 up to $2 off the list of certificates that wait. CA certificates that came after authorities were made wait on.
DELETE FROM trust_pending p USING certificate_facts f
WHERE f.certificate = p.certificate AND (p.is_ready OR NOT f.is_ca)
  AND p.certificate > $1::bigint AND p.certificate <= $2::bigint
