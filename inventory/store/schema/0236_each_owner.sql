-- What is urgent and what will be renewed counts at each owner of a certificate, and no longer at all of them together ("A; B"): the next run
-- counts it again, over everything, and reports count by themselves until then.
DELETE FROM ending_count;
UPDATE reconcile_run SET basis = basis || ' with what each owner renews'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
