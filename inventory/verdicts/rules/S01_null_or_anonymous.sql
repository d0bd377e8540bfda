-- title: Suites without encryption or without authentication
-- version: 3
-- severity: critical
-- applies to: any
-- needs: posture null, posture anonymous
-- source: RFC 9325, 4.1
-- next step: Take NULL and anonymous suites out of the server's list.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'S01', s.endpoint, 'critical',
       jsonb_build_object('suites', jsonb_agg(DISTINCT coalesce(c.name, s.chosen, s.item)), 'seen_by', jsonb_agg(DISTINCT s.source))
FROM spoken s LEFT JOIN cipher_suite c ON c.id = s.cipher_suite
WHERE c.encryption = 'NULL' OR c.authentication = 'anonymous' OR s.item IN ('null', 'anonymous', 'anon')
GROUP BY s.endpoint
