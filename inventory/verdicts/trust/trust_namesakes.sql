-- Which authorities have these names ($1; key identifiers $2, NULL: none)? At most a few of each kind: number of the query, id,
-- key, whether anchored, whether the key identifier matches, whether it is beyond the limit.
SELECT q.n, x.id, x.spki, x.is_anchored, x.is_pointed_at, x.is_over
FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS q (name, key_id, n)
CROSS JOIN LATERAL (
    (SELECT o.id, o.spki, true AS is_anchored, false AS is_pointed_at, o.n > 16 AS is_over
     FROM (SELECT a.id, a.spki, row_number() OVER (ORDER BY a.id) AS n
           FROM authority a WHERE a.name = q.name AND a.is_anchored ORDER BY a.id LIMIT 17) o)
    UNION ALL
    (SELECT a.id, a.spki, a.is_anchored, true, false
     FROM authority_certificate c JOIN authority a ON a.id = c.authority
     WHERE c.subject_key_id = q.key_id AND a.name = q.name LIMIT 16)
    UNION ALL
    (SELECT o.id, o.spki, false, false, o.n > 16
     FROM (SELECT a.id, a.spki, row_number() OVER (ORDER BY a.id DESC) AS n
           FROM authority a WHERE a.name = q.name AND NOT a.is_anchored ORDER BY a.id DESC LIMIT 17) o)) x
