-- What another has replaced, and nothing serves, is over (is_over): the next run judges and counts again, over everything, and reports count by themselves
-- until then.
DELETE FROM ending_count;
UPDATE reconcile_run SET basis = basis || ' with what is replaced'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
