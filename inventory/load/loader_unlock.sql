SELECT pg_advisory_unlock(4849283742)
