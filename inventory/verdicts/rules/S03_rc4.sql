-- title: RC4 suites
-- version: 3
-- severity: high
-- applies to: any
-- needs: posture rc4
-- source: RFC 7465; BOD 18-01
-- next step: Take RC4 out of the server's list.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'S03', s.endpoint, 'high',
       jsonb_build_object('suites', jsonb_agg(DISTINCT coalesce(c.name, s.chosen, s.item)), 'seen_by', jsonb_agg(DISTINCT s.source))
FROM spoken s LEFT JOIN cipher_suite c ON c.id = s.cipher_suite
WHERE c.encryption LIKE 'RC4%' OR s.item = 'rc4'
GROUP BY s.endpoint
