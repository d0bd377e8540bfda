-- title: Static RSA key exchange is accepted
-- version: 3
-- severity: low
-- applies to: any
-- needs: posture static_rsa
-- source: RFC 9325, 4.1; draft-ietf-tls-deprecate-obsolete-kex
-- next step: Take suites without forward secrecy (TLS_RSA_...) out of the list.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'S07', s.endpoint, 'low',
       jsonb_build_object('suites', to_jsonb((array_agg(DISTINCT coalesce(c.name, s.chosen))
                                              FILTER (WHERE coalesce(c.name, s.chosen) IS NOT NULL))[:12]),
                          'seen_by', jsonb_agg(DISTINCT s.source), 'expected', 'key exchange by ECDHE')
FROM spoken s LEFT JOIN cipher_suite c ON c.id = s.cipher_suite
WHERE s.item = 'static_rsa' OR c.key_exchange = 'RSA'
GROUP BY s.endpoint HAVING bool_or(s.item = 'static_rsa')
