-- Which record takes the place of one that is not where it should be, by its account's word. Runs write it; what was judged before, also for links
-- to records, which match_now has now, is judged again by the next run.
ALTER TABLE record_judged ADD COLUMN newer_record bigint;
UPDATE reconcile_run SET basis = basis || ' with replacing records'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
