-- Stores the keys that are new (one process at a time computes facts, so nobody else does). Marks the certificates that have one of the
-- others to be judged again.
WITH held AS MATERIALIZED (
    SELECT n.spki_sha256 FROM facts_new_key n JOIN public_key k USING (spki_sha256)
), added AS (
    INSERT INTO public_key (spki_sha256, modulus, modulus_sha256)
    SELECT n.spki_sha256, n.modulus, n.modulus_sha256
    FROM facts_new_key n LEFT JOIN held USING (spki_sha256)
    WHERE held.spki_sha256 IS NULL
)
INSERT INTO dirty (kind, id) SELECT 1, o.certificate FROM held JOIN certificate_own o USING (spki_sha256)
