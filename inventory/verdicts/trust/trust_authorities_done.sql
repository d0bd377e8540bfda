-- Marks CA certificates after $1 up to $2 as ready for their edges: they have their authorities, or cannot be read.
UPDATE trust_pending p SET is_ready = true
FROM certificate_facts f
WHERE f.certificate = p.certificate AND f.is_ca AND p.certificate > $1::bigint AND p.certificate <= $2::bigint
