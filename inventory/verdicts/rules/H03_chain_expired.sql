-- title: A CA certificate in the sent chain has expired
-- version: 1
-- severity: high
-- applies to: any
-- source: RFC 5280, 6.1.3
-- next step: Install the CA's current intermediate certificates beside the server's own.
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT DISTINCT ON (d.certificate, d.endpoint) 'H03', d.certificate, d.endpoint, 'high',
       jsonb_build_object('position', cc.position, 'subject', f.subject, 'not_after', f.not_after)
FROM judging j
JOIN known k ON k.not_after <= j.as_of - interval '1 second'
JOIN chain_certificate cc ON cc.certificate = k.certificate AND cc.position > 0
JOIN place d ON d.chain = cc.chain AND d.certificate <> k.certificate
JOIN certificate_facts f ON f.certificate = k.certificate
ORDER BY d.certificate, d.endpoint, cc.position
