-- Lets one loader run at a time; a second one waits. The number is certsweep's own.
SELECT pg_advisory_lock(4849283742)
