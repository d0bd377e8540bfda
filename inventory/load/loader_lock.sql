-- One loader at a time; a second waits. The number is certsweep's own.
SELECT pg_advisory_lock(4849283742)
