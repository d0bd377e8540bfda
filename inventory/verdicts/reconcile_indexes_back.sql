-- Builds the indexes again that a run has dropped, this one or one that was killed, and those of a load that was killed: none holds its lock
-- (loader_lock.sql).
SELECT indexes_put_back(a.task) FROM (SELECT DISTINCT task FROM index_aside) a
WHERE CASE a.task WHEN 'load' THEN pg_try_advisory_xact_lock(4849283742) ELSE a.task = 'judgement' END
