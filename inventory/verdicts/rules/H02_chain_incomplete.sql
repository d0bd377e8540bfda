-- title: The chain was sent without an intermediate certificate that it needs
-- version: 1
-- severity: medium
-- applies to: any
-- source: RFC 8446, 4.4.2; RFC 5246, 7.4.2; SSL Labs rating guide 2009k (B)
-- next step: Install the CA's intermediate certificates beside the server's own.
WITH ended AS MATERIALIZED (     -- by what chains end: few certificates, of many chains
    SELECT DISTINCT x.certificate FROM served_chain d JOIN chain_end x USING (chain) WHERE NOT x.is_self_signed
), wanting AS MATERIALIZED (
    SELECT e.child AS certificate FROM ended x JOIN edge e ON e.child = x.certificate
    WHERE e.authority IS NOT NULL AND e.authority NOT IN (SELECT authority FROM root_authority)
)
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT DISTINCT ON (d.certificate, d.endpoint) 'H02', d.certificate, d.endpoint, 'medium',
       jsonb_build_object('ends_with', f.subject, 'missing', f.issuer)
FROM wanting w
JOIN chain_end x ON x.certificate = w.certificate AND NOT x.is_self_signed
JOIN place d ON d.chain = x.chain
JOIN certificate_facts f ON f.certificate = w.certificate
ORDER BY d.certificate, d.endpoint, d.chain
