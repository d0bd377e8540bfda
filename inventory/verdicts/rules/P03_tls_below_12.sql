-- title: A TLS version older than the policy's minimum is spoken (TLS 1.0, 1.1)
-- version: 4
-- severity: high
-- applies to: any
-- needs: posture tls10, posture tls11
-- source: RFC 8996; RFC 9325, 3.1.1; policy: min_tls_version
-- next step: Switch TLS 1.0 and 1.1 (DTLS 1.0) off; TLS 1.2 and 1.3 stay.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'P03', s.endpoint, 'high',
       jsonb_build_object('versions', jsonb_agg(DISTINCT v.name), 'seen_by', jsonb_agg(DISTINCT s.source),
                          'minimum', tls_version_name(min(j.min_tls_version)))
FROM judging j, spoken s
JOIN (VALUES (769, 'tls10', 769, 'TLSv1.0'), (770, 'tls11', 770, 'TLSv1.1'), (65279, NULL, 770, 'DTLSv1.0'), (771, 'tls12', 771, 'TLSv1.2'),
             (65277, NULL, 771, 'DTLSv1.2')) v (version, item, rank, name) ON v.version = s.tls_version OR v.item = s.item
WHERE v.rank < j.min_tls_version
GROUP BY s.endpoint
