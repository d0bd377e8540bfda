-- A record that is not judged says whether its place was never asked, as far as is known, or too long ago: the next run judges again, over everything.
UPDATE reconcile_run SET basis = basis || ' with what was asked long ago'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
