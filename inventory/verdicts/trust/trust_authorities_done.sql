-- CA certificates behind $1 up to $2 have their authorities (or cannot be read): now their edges may be looked for.
UPDATE trust_pending p SET is_ready = true
FROM certificate_facts f
WHERE f.certificate = p.certificate AND f.is_ca AND p.certificate > $1::bigint AND p.certificate <= $2::bigint
