-- Marks other certificates with these keys to be judged again, and stores the moduli that are new. (One process at a time computes facts, so
-- nobody else does; the facts of these certificates follow.)
INSERT INTO dirty (kind, id) SELECT 1, o.certificate FROM facts_new_key n JOIN certificate_own o USING (spki_sha256);
INSERT INTO public_key (spki_sha256, modulus, modulus_sha256)
SELECT n.spki_sha256, n.modulus, n.modulus_sha256
FROM facts_new_key n LEFT JOIN public_key k USING (spki_sha256)
WHERE n.modulus IS NOT NULL AND k.spki_sha256 IS NULL
