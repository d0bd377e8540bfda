-- The next endpoints to be made anew. $1 how many
WITH taken AS (
    DELETE FROM recompute WHERE endpoint IN (SELECT endpoint FROM recompute ORDER BY endpoint LIMIT $1)
    RETURNING endpoint)
INSERT INTO in_work SELECT endpoint FROM taken RETURNING endpoint
