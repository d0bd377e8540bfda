-- title: TLS compression is accepted
-- version: 3
-- severity: high
-- applies to: any
-- needs: posture compression
-- source: RFC 9325, 3.3 (CRIME)
-- next step: Switch TLS compression off.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'P06', s.endpoint, 'high',
       jsonb_build_object('accepted', 'compression', 'seen_by', jsonb_agg(DISTINCT s.source))
FROM spoken s
WHERE s.item = 'compression'
GROUP BY s.endpoint
