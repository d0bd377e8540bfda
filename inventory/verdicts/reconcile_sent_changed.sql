-- CA certificates in scope that some chain which is served now holds, at an endpoint in scope or not. The first such
-- chain is enough, so each is asked alone.
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
    OFFSET 0)
