-- Takes the next endpoints to be recomputed. $1 how many
WITH taken AS (
    DELETE FROM recompute WHERE endpoint IN (SELECT endpoint FROM recompute ORDER BY endpoint LIMIT $1)
    RETURNING endpoint)
INSERT INTO in_changed (endpoint, is_known)
SELECT t.endpoint, n.endpoint IS NOT NULL FROM taken t LEFT JOIN endpoint_now n ON n.endpoint = t.endpoint
