-- title: The client's order of suites decides, not the server's
-- version: 2
-- severity: low
-- applies to: any
-- needs: posture suite_preference
-- source: RFC 9325, 4.2.1; SP 800-52r2, 3.3.1
-- next step: Switch the server's own preference on, best suites first.
-- Told only where a weak suite is accepted: among good ones the client may choose.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'S10', s.endpoint, 'low', jsonb_build_object('weak_suites', count(DISTINCT w.cipher_suite),
                                                    'suites', to_jsonb((array_agg(DISTINCT c.name))[:12]))
FROM spoken s JOIN spoken w ON w.endpoint = s.endpoint
JOIN cipher_suite c ON c.id = w.cipher_suite AND NOT (c.is_aead AND c.has_forward_secrecy)
WHERE s.item = 'client_preference'
GROUP BY s.endpoint
