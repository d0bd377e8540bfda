-- Forgets the names of certificates whose facts are of another FACTS_VERSION ($1).
DELETE FROM certificate_name n USING certificate_facts f
WHERE f.certificate = n.certificate AND f.facts_version <> $1::integer
