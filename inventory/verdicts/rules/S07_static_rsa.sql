-- title: Static RSA key exchange is accepted
-- version: 2
-- severity: low
-- applies to: any
-- needs: posture static_rsa
-- source: RFC 9325, 4.1; draft-ietf-tls-deprecate-obsolete-kex
-- next step: Take suites without forward secrecy (TLS_RSA_...) out of the list.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'S07', s.endpoint, 'low',
       jsonb_build_object('seen_by', jsonb_agg(DISTINCT s.source))
FROM spoken s
WHERE s.item = 'static_rsa'
GROUP BY s.endpoint
