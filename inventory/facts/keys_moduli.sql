-- All distinct RSA moduli. Columns: SHA-256 and modulus as hexadecimal, and its state: tested at all, tested for being
-- a prime, excluded, compared.
SELECT encode(k.modulus_sha256, 'hex'), encode(k.modulus, 'hex'), t.modulus_sha256 IS NOT NULL, coalesce(t.is_prime_tested, false), coalesce(t.is_excluded, false),
       coalesce(t.is_compared, false)
FROM (SELECT DISTINCT ON (modulus_sha256) modulus_sha256, modulus FROM public_key WHERE modulus_sha256 IS NOT NULL
      ORDER BY modulus_sha256) k
LEFT JOIN modulus_tested t USING (modulus_sha256)
