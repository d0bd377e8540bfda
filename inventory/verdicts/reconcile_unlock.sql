SELECT pg_advisory_unlock(hashtext('certsweep reconcile'))
