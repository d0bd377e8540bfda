-- title: Neither TLS 1.2 nor TLS 1.3 is spoken
-- version: 2
-- severity: critical
-- applies to: any
-- needs: posture tls12, posture tls13
-- source: RFC 9325, 3.1.1; SSL Labs rating guide (C)
-- next step: Update the server's TLS library, or put a proxy with TLS 1.3 before it.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'P04', endpoint, 'critical', jsonb_build_object('refused', '["TLSv1.2", "TLSv1.3"]'::jsonb)
FROM spoken WHERE item IN ('no_tls12', 'no_tls13')
GROUP BY endpoint HAVING count(DISTINCT item) = 2
