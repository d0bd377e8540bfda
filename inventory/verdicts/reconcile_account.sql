-- The account of the last run: axis, value (of policy: the rule), count.
SELECT a.axis, c.value, c.count::bigint AS count
FROM (SELECT account FROM reconcile_run WHERE NOT is_replay ORDER BY id DESC LIMIT 1) run
CROSS JOIN LATERAL (SELECT key AS axis, value AS counts FROM jsonb_each(run.account)) a
CROSS JOIN LATERAL jsonb_each_text(a.counts) AS c (value, count)
