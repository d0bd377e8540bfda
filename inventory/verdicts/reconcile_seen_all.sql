-- Of each leaf: since when it is known, and whether any endpoint serves it now. All of those are in `place`.
CREATE TEMP TABLE seen AS
SELECT c.leaf AS certificate, min(s.first_seen) AS first_seen, bool_or(p.chain IS NOT NULL) AS is_served
FROM (SELECT a.chain, min(a.from_at) AS first_seen FROM judging j CROSS JOIN answer_in_scope a
      WHERE a.chain IS NOT NULL AND a.from_at <= j.as_of GROUP BY a.chain) s
JOIN chain c ON c.id = s.chain
LEFT JOIN served_chain p ON p.chain = s.chain
GROUP BY c.leaf
