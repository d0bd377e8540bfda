-- title: A CA certificate in the sent chain has expired
-- version: 1
-- severity: high
-- applies to: any
-- source: RFC 5280, 6.1.3
-- next step: Install the CA's current intermediate certificates beside the server's own.
WITH expired AS MATERIALIZED (
    SELECT cc.chain, cc.position, k.certificate, k.not_after
    FROM judging j
    JOIN known k ON k.not_after <= j.as_of - interval '1 second'
    JOIN chain_certificate cc ON cc.certificate = k.certificate AND cc.position > 0
)
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT DISTINCT ON (d.certificate, d.endpoint) 'H03', d.certificate, d.endpoint, 'high',
       jsonb_build_object('position', x.position, 'subject', o.subject, 'not_after', x.not_after)
FROM expired x
JOIN place d ON d.chain = x.chain AND d.certificate <> x.certificate
JOIN certificate_own o ON o.certificate = x.certificate
ORDER BY d.certificate, d.endpoint, x.position
