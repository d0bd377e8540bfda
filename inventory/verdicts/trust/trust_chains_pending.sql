-- A batch of pending chains after $1: chain, certificate, authority, its signer, whether it is self-signed, whether
-- everything needed about it is known; in the order of positions.
SELECT p.chain, cc.certificate, a.authority, e.authority, coalesce(f.is_self_signed, false), f.certificate IS NOT NULL AND t.certificate IS NULL
FROM (SELECT chain FROM chain_pending WHERE chain > $1::bigint ORDER BY chain LIMIT 4000) p
JOIN chain_certificate cc ON cc.chain = p.chain
LEFT JOIN certificate_own f ON f.certificate = cc.certificate
LEFT JOIN trust_pending t ON t.certificate = cc.certificate
LEFT JOIN authority_certificate a ON a.certificate = cc.certificate
LEFT JOIN edge e ON e.child = cc.certificate
ORDER BY p.chain, cc.position
