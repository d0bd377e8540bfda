-- Of each leaf in scope: since when it is known, and whether any endpoint serves it now, in scope or not. What `db prune` forgot was
-- served once.
CREATE TEMP TABLE seen AS
SELECT y.certificate, min(y.first_seen) AS first_seen, bool_or(y.is_served) AS is_served
FROM (SELECT c.leaf AS certificate, s.from_at AS first_seen,
             (s.closed_at IS NULL OR s.closed_at > j.as_of) AND (state.gone_at IS NULL OR state.gone_at > j.as_of)
             AND (u.endpoint IS NULL OR u.stale_at > j.as_of) AS is_served
      FROM judging j CROSS JOIN scope_certificate x
      JOIN chain c ON c.leaf = x.certificate
      JOIN serving s ON s.chain = c.id
      LEFT JOIN unscanned u ON u.endpoint = s.endpoint AND u.chain = s.chain AND u.variant = s.variant AND u.role = s.role
                           AND u.peer IS NOT DISTINCT FROM s.peer
      LEFT JOIN endpoint_state state ON state.endpoint = s.endpoint
      WHERE (s.from_at > j.as_of) IS NOT TRUE
      UNION ALL
      SELECT b.certificate, b.first_seen, false
      FROM judging j CROSS JOIN scope_certificate x JOIN served_before b USING (certificate)
      WHERE b.first_seen <= j.as_of) y
GROUP BY y.certificate
