-- Lets one run proceed at a time. Taken before the transaction begins, so that its snapshot includes what the run before wrote.
SELECT pg_advisory_lock(hashtext('certsweep reconcile'))
