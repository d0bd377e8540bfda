-- CA certificates in scope that are in any chain served now, at an endpoint in scope or not. One such chain is enough, so each
-- certificate is looked up alone.
CREATE TEMP TABLE sent AS
SELECT x.certificate
FROM judging j, scope_certificate x
WHERE EXISTS (
    SELECT FROM chain_certificate cc
    JOIN serving s ON s.chain = cc.chain
    LEFT JOIN endpoint_state state ON state.endpoint = s.endpoint
    WHERE cc.certificate = x.certificate AND cc.position > 0
      AND s.from_at <= j.as_of AND (s.closed_at IS NULL OR s.closed_at > j.as_of)
      AND (state.gone_at IS NULL OR state.gone_at > j.as_of)
      -- what a capture or an import has shown does not count for ever; an endpoint out of scope shows what it showed at the last run
      AND (NOT EXISTS (SELECT FROM scan WHERE kind IN (2, 4))
           OR CASE WHEN s.endpoint IN (SELECT endpoint FROM scope_endpoint)
                   THEN EXISTS (SELECT FROM place p WHERE p.endpoint = s.endpoint AND p.chain = s.chain)
                   ELSE EXISTS (SELECT FROM chain c JOIN endpoint_judged e ON e.certificate = c.leaf
                                WHERE c.id = s.chain AND e.endpoint = s.endpoint) END)
    OFFSET 0)
