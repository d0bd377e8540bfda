-- title: EXPORT suites
-- version: 3
-- severity: critical
-- applies to: any
-- needs: posture export
-- source: RFC 9325, 4.1 (FREAK, LOGJAM)
-- next step: Take EXPORT suites out of the server's list.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'S02', s.endpoint, 'critical',
       jsonb_build_object('suites', jsonb_agg(DISTINCT coalesce(c.name, s.chosen, s.item)), 'seen_by', jsonb_agg(DISTINCT s.source))
FROM spoken s LEFT JOIN cipher_suite c ON c.id = s.cipher_suite
WHERE c.is_export OR s.item = 'export'
GROUP BY s.endpoint
