-- Which children, after $1, must be tried again? Those without an edge, or with one to an authority that is not anchored, if an
-- authority with their issuer's name is new (id above $4) or was anchored by this run. $3: only CA certificates. A batch of at
-- most $2 octets: id, DER, authorities up to which they were tried, how many were tried, whether some were left out.
-- (A LEFT JOIN, not EXISTS under OR: the planner takes that for true of half of all certificates.)
WITH news AS (
    SELECT name_key FROM authority WHERE id > $4::bigint
    UNION SELECT name_key FROM authority_news),
orphan AS (
    (SELECT e.child, e.tried_to, e.tries, e.untried
     FROM news n JOIN edge e ON e.issuer_name = n.name_key LEFT JOIN authority_certificate c ON c.certificate = e.child
     WHERE e.authority IS NULL AND e.child > $1::bigint AND (NOT $3::boolean OR c.certificate IS NOT NULL))
    UNION
    (SELECT e.child, e.tried_to, e.tries, e.untried
     FROM authority_news n JOIN authority a ON a.name_key = n.name_key AND NOT a.is_anchored JOIN edge e ON e.authority = a.id
     LEFT JOIN authority_certificate c ON c.certificate = e.child
     WHERE e.child > $1::bigint AND (NOT $3::boolean OR c.certificate IS NOT NULL)
       AND EXISTS (SELECT FROM authority_news))         -- mostly there are none, and no edge need be read
    ORDER BY child
    LIMIT 4000)
SELECT id, der, tried_to, tries, untried
FROM (SELECT o.child AS id, c.der, o.tried_to, o.tries, o.untried,
             sum(octet_length(c.der)) OVER (ORDER BY o.child) - octet_length(c.der) AS before
      FROM orphan o JOIN certificate c ON c.id = o.child) batch
WHERE before < $2::bigint
ORDER BY id
