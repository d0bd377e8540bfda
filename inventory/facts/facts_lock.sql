-- Lets one process at a time compute facts; released with the transaction.
SELECT pg_advisory_xact_lock(hashtext('certsweep facts'));
