-- title: Suites with 64-bit blocks or less than 128 bits (DES, RC2, IDEA, 3DES)
-- version: 4
-- severity: medium
-- applies to: any
-- needs: posture 3des, posture des
-- source: SP 800-131A; BOD 18-01 (SWEET32)
-- next step: Take 3DES, DES, RC2 and IDEA out of the server's list.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'S04', s.endpoint, CASE WHEN bool_or(c.encryption ~ '^(DES|RC2|IDEA)' OR s.item IN ('des', 'rc2', 'idea')) THEN 'high' ELSE 'medium' END,
       jsonb_build_object('suites', jsonb_agg(DISTINCT coalesce(c.name, s.chosen, s.item)), 'seen_by', jsonb_agg(DISTINCT s.source))
FROM spoken s LEFT JOIN cipher_suite c ON c.id = s.cipher_suite
WHERE (NOT c.is_export AND c.encryption ~ '^(3DES|DES|RC2|IDEA)') OR s.item IN ('3des', 'des', 'rc2', 'idea')
GROUP BY s.endpoint
