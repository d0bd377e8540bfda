-- Stores the keys that are new (one process at a time computes facts, so nobody else does). Marks the certificates that have one of the others to be judged again.
WITH added AS (
    INSERT INTO public_key (spki_sha256, modulus, modulus_sha256)
    SELECT DISTINCT ON (n.spki_sha256) n.spki_sha256, n.modulus, n.modulus_sha256
    FROM facts_new_key n LEFT JOIN public_key k USING (spki_sha256)
    WHERE k.spki_sha256 IS NULL
    ORDER BY n.spki_sha256
    RETURNING spki_sha256
), held AS MATERIALIZED (
    SELECT DISTINCT n.spki_sha256 FROM facts_new_key n LEFT JOIN added USING (spki_sha256) WHERE added.spki_sha256 IS NULL
)
INSERT INTO dirty (kind, id) SELECT 1, o.certificate FROM held JOIN certificate_own o USING (spki_sha256)
