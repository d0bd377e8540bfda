-- Removes these certificates ($1) from the list of pending ones, and deletes their facts of an older version.
WITH taken AS (
    DELETE FROM facts_pending WHERE certificate = ANY ($1::bigint[])),
outdated AS (
    DELETE FROM certificate_own WHERE certificate = ANY ($1::bigint[]) RETURNING certificate, spki_sha256),
names AS (
    DELETE FROM certificate_name n USING outdated o WHERE n.certificate = o.certificate)
DELETE FROM key_weakness w USING outdated o
WHERE w.spki_sha256 = o.spki_sha256 AND w.weakness NOT IN ('shared_prime', 'multiple', 'modulus_prime', 'small_factor')
