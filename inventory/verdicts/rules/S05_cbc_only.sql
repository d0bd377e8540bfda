-- title: No AEAD suite in TLS 1.2
-- version: 3
-- severity: medium
-- applies to: any
-- needs: posture cbc_only
-- source: RFC 9325, 4.1; SSL Labs rating guide (B)
-- next step: Put ECDHE suites with AES-GCM or ChaCha20-Poly1305 into the list, first.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'S05', s.endpoint, 'medium',
       jsonb_build_object('accepted', 'CBC suites alone', 'suites', jsonb_agg(DISTINCT s.chosen) FILTER (WHERE s.chosen LIKE 'TLS%'),
                          'seen_by', jsonb_agg(DISTINCT s.source),
                          'expected', 'AEAD suites (AES-GCM, ChaCha20-Poly1305)')
FROM spoken s
WHERE s.item = 'cbc_only'
GROUP BY s.endpoint
