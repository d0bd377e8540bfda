-- A temporary table for trust_edges_merge.sql. The snapshot of a batch is taken at its first statement, so certificates that are
-- added meanwhile stay on the pending list.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
CREATE TEMP TABLE IF NOT EXISTS edge_new (
    child bigint NOT NULL, authority bigint, issuer_name bigint NOT NULL, tried_to bigint NOT NULL, tries smallint NOT NULL,
    untried boolean NOT NULL, purposes smallint NOT NULL
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS edge_ended (chain bigint NOT NULL) ON COMMIT DELETE ROWS;
