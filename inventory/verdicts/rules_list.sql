-- Which rules are there, and how many hits has each now?
SELECT r.id AS rule, r.severity, coalesce(c.count, 0) AS hits, r.title, r.source
FROM rule r LEFT JOIN now_count c ON c.site = 0 AND c.subject = 'rule' AND c.value = r.id
ORDER BY r.id
