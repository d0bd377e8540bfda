-- The snapshot of a batch is taken at its first statement, so what is added meanwhile stays on the pending list.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ
