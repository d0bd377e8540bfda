-- Which rules are there, and how many hits has each now?
SELECT r.id AS rule, r.severity, (SELECT count(*) FROM report_policy_hit h WHERE h.rule = r.id) AS hits, r.title, r.source
FROM rule r
ORDER BY r.id
