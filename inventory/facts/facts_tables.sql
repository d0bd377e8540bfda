-- Creates the temporary tables from which a batch of facts is merged.
DROP TABLE IF EXISTS pg_temp.facts_new_profile, pg_temp.facts_new_key, pg_temp.facts_new_weakness;
CREATE TEMP TABLE facts_new_profile (LIKE profile) ON COMMIT DELETE ROWS;
ALTER TABLE facts_new_profile DROP COLUMN id, ALTER COLUMN rsa_exponent TYPE text;
CREATE TEMP TABLE facts_new_key (spki_sha256 bytea NOT NULL, modulus bytea, modulus_sha256 bytea) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE facts_new_weakness (spki_sha256 bytea NOT NULL, weakness text NOT NULL, evidence jsonb NOT NULL) ON COMMIT DELETE ROWS;
