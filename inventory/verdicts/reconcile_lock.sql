-- One run at a time. Taken before the transaction begins, so that its snapshot holds what the run before it wrote.
SELECT pg_advisory_lock(hashtext('certsweep reconcile'))
