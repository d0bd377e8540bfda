-- What did the last run find? Columns: axis, value (of policy: the rule), count, title of the rule.
SELECT a.axis, c.value AS verdict, c.count::bigint AS count, r.title AS meaning
FROM (SELECT account FROM reconcile_run ORDER BY id DESC LIMIT 1) run
CROSS JOIN LATERAL (SELECT key AS axis, value AS counts FROM jsonb_each(run.account)) a
CROSS JOIN LATERAL jsonb_each_text(a.counts) AS c (value, count)
LEFT JOIN rule r ON a.axis = 'policy' AND r.id = c.value
ORDER BY array_position(ARRAY['record', 'issuer', 'deployment', 'recorded', 'time', 'policy'], a.axis), c.count::bigint DESC, c.value
