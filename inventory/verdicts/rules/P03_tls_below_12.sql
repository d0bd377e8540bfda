-- title: TLS 1.0 or 1.1 is spoken
-- version: 2
-- severity: high
-- source: RFC 8996; RFC 9325, 3.1.1
-- next step: Switch TLS 1.0 and 1.1 (DTLS 1.0) off; TLS 1.2 and 1.3 stay.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'P03', endpoint, 'high',
       jsonb_build_object('versions', jsonb_agg(DISTINCT CASE WHEN tls_version = 769 OR item = 'tls10' THEN 'TLSv1.0'
                                                               WHEN tls_version = 770 OR item = 'tls11' THEN 'TLSv1.1'
                                                               ELSE 'DTLSv1.0' END),
                          'seen_by', jsonb_agg(DISTINCT source))
FROM spoken WHERE tls_version IN (769, 770, 65279) OR item IN ('tls10', 'tls11')
GROUP BY endpoint
