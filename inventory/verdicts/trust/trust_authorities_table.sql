-- A temporary table for trust_authorities_merge.sql.
CREATE TEMP TABLE IF NOT EXISTS authority_new (
    certificate bigint NOT NULL, name bytea NOT NULL, name_key bigint NOT NULL, spki_sha256 bytea NOT NULL, spki bytea NOT NULL,
    key_sha1 bytea NOT NULL, subject_key_id bytea, is_ca boolean NOT NULL, is_self_issued boolean NOT NULL,
    may_sign boolean NOT NULL, may_sign_lists boolean NOT NULL, path_len integer, purposes integer NOT NULL, name_constraints bytea
) ON COMMIT DELETE ROWS
