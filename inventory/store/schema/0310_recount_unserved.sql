-- Runs count what is served nowhere and whose renewal is due, or that was replaced (now_count has them as subject 'unserved'): the next run counts again,
-- over everything, and reports count by themselves until then.
DELETE FROM ending_count;
UPDATE reconcile_run SET basis = basis || ' with what is unserved'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
