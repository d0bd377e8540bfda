-- Which chains, and which managed leaves without one, have no row of store $1 as of $2? A batch: certificate (the
-- leaf), chain (NULL: none), DER of each certificate, in the order of positions.
WITH missing AS (
    SELECT ch.leaf AS certificate, ch.id AS chain
    FROM chain ch
    WHERE NOT EXISTS (SELECT FROM trust t WHERE t.chain = ch.id AND t.store = $1 AND t.store_sha256 = $2::bytea)
    UNION ALL
    SELECT DISTINCT c.id, NULL::bigint
    FROM managed_record r
    JOIN certificate c ON c.sha256 = r.sha256
    JOIN certificate_facts f ON f.certificate = c.id AND NOT f.is_ca
    WHERE NOT EXISTS (SELECT FROM chain ch WHERE ch.leaf = c.id)
      AND NOT EXISTS (SELECT FROM trust t WHERE t.certificate = c.id AND t.chain IS NULL AND t.store = $1
                                            AND t.store_sha256 = $2::bytea)
    LIMIT 500)
SELECT m.certificate, m.chain, c.der
FROM missing m
LEFT JOIN chain_certificate cc ON cc.chain = m.chain
JOIN certificate c ON c.id = coalesce(cc.certificate, m.certificate)
ORDER BY m.chain, m.certificate, cc.position
