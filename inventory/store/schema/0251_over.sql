-- What is over and served nowhere is not urgent any more (is_urgent), and the findings about it are counted (now_count has them as subject 'over'): the
-- next run counts again, over everything, and reports count by themselves until then.
DELETE FROM ending_count;
UPDATE reconcile_run SET basis = basis || ' with what is over'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
