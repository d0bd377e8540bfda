-- Stores findings and which moduli were tested. Marks the certificates of weak keys to be judged again.
INSERT INTO modulus_tested (modulus_sha256, is_prime_tested, is_excluded, is_compared)
SELECT modulus_sha256, is_prime_tested, is_excluded, is_compared FROM keys_tested
ON CONFLICT (modulus_sha256) DO UPDATE SET is_prime_tested = excluded.is_prime_tested, is_excluded = excluded.is_excluded,
    is_compared = excluded.is_compared, tested_at = now()
WHERE (modulus_tested.is_prime_tested, modulus_tested.is_excluded, modulus_tested.is_compared)
      <> (excluded.is_prime_tested, excluded.is_excluded, excluded.is_compared);
INSERT INTO shared_prime (prime_sha256, modulus_sha256)
SELECT DISTINCT prime_sha256, modulus_sha256 FROM keys_finding WHERE prime_sha256 IS NOT NULL
ON CONFLICT DO NOTHING;
WITH found AS (
    INSERT INTO key_weakness (spki_sha256, weakness, evidence)
    SELECT DISTINCT ON (k.spki_sha256, f.weakness) k.spki_sha256, f.weakness, f.evidence
    FROM keys_finding f JOIN public_key k USING (modulus_sha256)
    ORDER BY k.spki_sha256, f.weakness
    ON CONFLICT (spki_sha256, weakness) DO NOTHING
    RETURNING spki_sha256)
INSERT INTO dirty (kind, id)
SELECT DISTINCT 1, o.certificate FROM found JOIN certificate_own o USING (spki_sha256);
