-- title: SSLv2 is spoken
-- version: 3
-- severity: critical
-- applies to: any
-- needs: posture sslv2
-- source: RFC 6176; RFC 9325, 3.1.1
-- next step: Switch SSLv2 off; every other service with the same key is exposed too (DROWN).
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'P01', endpoint, 'critical', jsonb_build_object('versions', '["SSLv2"]'::jsonb, 'seen_by', jsonb_agg(DISTINCT source),
                                                       'minimum', tls_version_name(min(j.min_tls_version)))
FROM judging j, spoken WHERE tls_version = 2 OR item = 'sslv2'
GROUP BY endpoint
