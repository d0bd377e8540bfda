-- title: The chain holds certificates out of order, twice, or that do not belong there
-- version: 1
-- severity: low
-- applies to: any
-- source: RFC 5246, 7.4.2; RFC 8446, 4.4.2
-- next step: Send the server's certificate, then each issuer once and in order, without the root.
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT 'H05', d.certificate, d.endpoint, CASE WHEN bool_and(x.fault = 'root sent') THEN 'info' ELSE 'low' END,
       jsonb_build_object('faults', jsonb_agg(DISTINCT jsonb_build_object('fault', x.fault, 'position', x.position, 'subject', f.subject)))
FROM place d
JOIN chain_fault x ON x.chain = d.chain
JOIN certificate_facts f ON f.certificate = x.certificate
GROUP BY d.certificate, d.endpoint
