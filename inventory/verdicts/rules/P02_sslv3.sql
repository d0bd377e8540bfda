-- title: SSLv3 is spoken
-- version: 3
-- severity: high
-- applies to: any
-- needs: posture sslv3
-- source: RFC 7568; RFC 9325, 3.1.1
-- next step: Switch SSLv3 off.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'P02', endpoint, 'high', jsonb_build_object('versions', '["SSLv3"]'::jsonb, 'seen_by', jsonb_agg(DISTINCT source),
                                                   'minimum', tls_version_name(min(j.min_tls_version)))
FROM judging j, spoken WHERE tls_version = 768 OR item IN ('sslv3', 'ssl3')
GROUP BY endpoint
