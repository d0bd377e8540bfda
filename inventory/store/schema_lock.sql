-- Lets one process at a time change the schema; a second one waits. The number is certsweep's own.
SELECT pg_advisory_lock(4849283741)
