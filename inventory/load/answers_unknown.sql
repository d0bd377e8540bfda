-- Which endpoints of the batch are not known yet? Column: a handle in the bundle
SELECT min(i.handle) FROM in_answer i
WHERE NOT EXISTS (SELECT FROM endpoint e WHERE e.key = i.key)
GROUP BY i.key
