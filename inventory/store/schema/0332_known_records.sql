-- Whether the certificate of a record that is not where it should be is known: the others are counted by themselves, and as the screen asks for that
-- at each command, runs keep it; what was judged before is judged again by the next run.
ALTER TABLE record_judged ADD COLUMN is_known boolean NOT NULL DEFAULT false;
UPDATE reconcile_run SET basis = basis || ' with known records'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
