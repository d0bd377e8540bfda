-- Temporary tables for trust_edges_merge.sql.
CREATE TEMP TABLE IF NOT EXISTS edge_new (
    child bigint NOT NULL, authority bigint, issuer_name bigint NOT NULL, tried_to bigint NOT NULL, tries smallint NOT NULL,
    untried boolean NOT NULL, purposes smallint NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS edge_ended (chain bigint NOT NULL) ON COMMIT DELETE ROWS;
