-- title: Static Diffie-Hellman suites
-- version: 1
-- severity: medium
-- applies to: any
-- source: RFC 9325, 4.1; draft-ietf-tls-deprecate-obsolete-kex
-- next step: Take TLS_DH_..., TLS_ECDH_... suites out of the server's list; ECDHE stays.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'S09', s.endpoint, 'medium', jsonb_build_object('suites', jsonb_agg(DISTINCT c.name), 'seen_by', jsonb_agg(DISTINCT s.source))
FROM spoken s JOIN cipher_suite c ON c.id = s.cipher_suite
WHERE c.key_exchange IN ('DH', 'ECDH') AND c.authentication <> 'anonymous'
GROUP BY s.endpoint
