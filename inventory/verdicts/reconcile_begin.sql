-- One snapshot for all that a run reads. A client that is killed ends its backend within seconds.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL client_connection_check_interval = '2s';
SET LOCAL work_mem = '256MB';       -- one run at a time, over everything
SET LOCAL default_statistics_target = 20;      -- of tables that live for one run
SET LOCAL jit = off;                -- these statements are compiled longer than they run
