-- Of each leaf: since when it is known, and whether any endpoint serves it now. All of those are in `place`. What `db prune` forgot was
-- served once.
CREATE TEMP TABLE seen AS
SELECT x.certificate, min(x.first_seen) AS first_seen, bool_or(x.is_served) AS is_served
FROM (SELECT c.leaf AS certificate, s.first_seen, p.chain IS NOT NULL AS is_served
      FROM (SELECT a.chain, min(a.from_at) AS first_seen FROM judging j CROSS JOIN answer_in_scope a
            WHERE a.chain IS NOT NULL AND a.from_at <= j.as_of GROUP BY a.chain) s
      JOIN chain c ON c.id = s.chain
      LEFT JOIN served_chain p ON p.chain = s.chain
      UNION ALL
      SELECT b.certificate, b.first_seen, false FROM judging j JOIN served_before b ON b.first_seen <= j.as_of) x
GROUP BY x.certificate
