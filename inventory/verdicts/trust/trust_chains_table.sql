-- A temporary table for trust_chains_merge.sql.
CREATE TEMP TABLE IF NOT EXISTS chain_new (
    chain bigint NOT NULL, fault text, position integer NOT NULL, certificate bigint NOT NULL, is_self_signed boolean NOT NULL
) ON COMMIT DELETE ROWS
