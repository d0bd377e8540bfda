-- Releases the lock of trust_lock.sql.
SELECT pg_advisory_unlock(hashtext('certsweep trust'))
