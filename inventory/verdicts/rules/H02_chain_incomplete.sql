-- title: The chain was sent without an intermediate certificate that it needs
-- version: 1
-- severity: medium
-- applies to: any
-- source: RFC 8446, 4.4.2; RFC 5246, 7.4.2; SSL Labs rating guide 2009k (B)
-- next step: Install the CA's intermediate certificates beside the server's own.
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT DISTINCT ON (d.certificate, d.endpoint) 'H02', d.certificate, d.endpoint, 'medium',
       jsonb_build_object('ends_with', f.subject, 'missing', f.issuer)
FROM place d
JOIN chain_end x ON x.chain = d.chain AND NOT x.is_self_signed
JOIN edge e ON e.child = x.certificate AND e.authority IS NOT NULL
JOIN certificate_facts f ON f.certificate = x.certificate
WHERE e.authority NOT IN (SELECT authority FROM root_authority)
ORDER BY d.certificate, d.endpoint, d.chain
