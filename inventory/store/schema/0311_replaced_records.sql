-- Which of the records that are not where they should be were replaced: their end asks for nothing, and they are not looked for. Runs
-- write it; what was judged before is judged again by the next run, also for contacts that now stand in the order of their rules.
ALTER TABLE record_judged ADD COLUMN is_replaced boolean NOT NULL DEFAULT false;
UPDATE reconcile_run SET basis = basis || ' with replaced records'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
