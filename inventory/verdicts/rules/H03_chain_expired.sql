-- title: A CA certificate in the sent chain has expired
-- version: 1
-- severity: high
-- source: RFC 5280, 6.1.3
-- next step: Install the CA's current intermediate certificates beside the server's own.
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT DISTINCT ON (d.certificate, d.endpoint) 'H03', d.certificate, d.endpoint, 'high',
       jsonb_build_object('position', cc.position, 'subject', f.subject, 'not_after', f.not_after)
FROM judging j, deployed d
JOIN chain_certificate cc ON cc.chain = d.chain AND cc.position > 0
JOIN certificate_facts f ON f.certificate = cc.certificate
WHERE j.as_of >= f.not_after + interval '1 second' AND cc.certificate <> d.certificate
ORDER BY d.certificate, d.endpoint, cc.position
