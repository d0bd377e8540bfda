-- Reads the certificates of all pending chains, in the order of positions: chain, certificate, authority, its signer, whether it is
-- self-signed, whether everything needed about it is known. One join for all of them, planned for all: one for each part would read
-- all certificates each time.
SET LOCAL cursor_tuple_fraction = 1;
SET LOCAL work_mem = '96MB';
-- Half of the certificates are few intermediates, so the planner takes all of them for few, and would look up a million leaves one by one.
SET LOCAL enable_memoize = off;
DECLARE chain_links NO SCROLL CURSOR FOR
SELECT p.chain, cc.certificate, a.authority, e.authority, coalesce(f.is_self_signed, false), f.certificate IS NOT NULL AND t.certificate IS NULL
FROM chain_pending p
JOIN chain_certificate cc ON cc.chain = p.chain
LEFT JOIN certificate_own f ON f.certificate = cc.certificate
LEFT JOIN trust_pending t ON t.certificate = cc.certificate
LEFT JOIN authority_certificate a ON a.certificate = cc.certificate
LEFT JOIN edge e ON e.child = cc.certificate
ORDER BY p.chain, cc.position
