-- Stores the weaknesses of the keys.
INSERT INTO key_weakness (spki_sha256, weakness, evidence)
SELECT DISTINCT ON (spki_sha256, weakness) spki_sha256, weakness, evidence FROM facts_new_weakness ORDER BY spki_sha256, weakness
ON CONFLICT (spki_sha256, weakness) DO NOTHING
