-- Stores the keys that are new.
INSERT INTO public_key (spki_sha256, modulus, modulus_sha256)
SELECT DISTINCT ON (spki_sha256) spki_sha256, modulus, modulus_sha256 FROM facts_new_key ORDER BY spki_sha256
ON CONFLICT (spki_sha256) DO NOTHING
