-- Two that start at once: the second waits. The number is certsweep's own.
SELECT pg_advisory_lock(4849283741)
