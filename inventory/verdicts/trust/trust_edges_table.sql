-- What trust_edges_merge.sql reads; the moment of a batch is that of its first statement, so nothing that comes meanwhile is
-- taken off the list of those that wait.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
CREATE TEMP TABLE IF NOT EXISTS edge_new (
    child bigint NOT NULL, authority bigint, issuer_name bigint NOT NULL, tried_to bigint NOT NULL, tries smallint NOT NULL,
    untried boolean NOT NULL, purposes smallint NOT NULL
) ON COMMIT DELETE ROWS;
