-- Begins recomputing paths: temporary tables for trust_paths_merge.sql.
CREATE TEMP TABLE IF NOT EXISTS ca_path_new (
    store bigint NOT NULL, authority bigint NOT NULL, ca bigint NOT NULL, root bigint NOT NULL, certificates bigint[] NOT NULL,
    not_before timestamptz, not_after timestamptz, purposes integer NOT NULL, path_len integer, hash text, security_bits integer,
    is_weak boolean NOT NULL, constrained bigint[] NOT NULL, fault text
) ON COMMIT DELETE ROWS
