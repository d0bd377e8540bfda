-- A batch of pending chains after $1 whose certificates are not pending: chain, certificate, authority, its signer, whether it is
-- self-signed; in the order of positions.
SELECT p.chain, cc.certificate, a.authority, e.authority, f.is_self_signed
FROM (SELECT w.chain FROM chain_pending w
      WHERE w.chain > $1::bigint
        AND NOT EXISTS (SELECT FROM chain_certificate cc WHERE cc.chain = w.chain
                          AND (NOT EXISTS (SELECT FROM certificate_facts f WHERE f.certificate = cc.certificate)
                               OR EXISTS (SELECT FROM trust_pending t WHERE t.certificate = cc.certificate)))
      ORDER BY w.chain
      LIMIT 4000) p
JOIN chain_certificate cc ON cc.chain = p.chain
JOIN certificate_facts f ON f.certificate = cc.certificate
LEFT JOIN authority_certificate a ON a.certificate = cc.certificate
LEFT JOIN edge e ON e.child = cc.certificate
ORDER BY p.chain, cc.position
