-- Begins a run: one snapshot for everything it reads. The server ends the session within seconds if the client is killed.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL client_connection_check_interval = '2s';
SET LOCAL work_mem = '256MB';       -- one run at a time, over everything
SET LOCAL default_statistics_target = 20;      -- for tables that exist during one run only
SET LOCAL jit = off;                -- compiling these statements takes longer than running them
SELECT statistics_of_partitions();
SELECT statistics_renew_grown(ARRAY['managed_record', 'managed_location', 'match_now', 'record_judged', 'owner_basis']::regclass[])
