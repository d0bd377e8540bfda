-- title: Signed with MD2, MD4 or MD5
-- version: 2
-- severity: critical
-- applies to: any
-- source: RFC 6151; RFC 9325, 4.5
-- next step: Certificates with such signatures can be forged: replace it now.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C01', s.certificate, 'critical', jsonb_build_object('signature_algorithm', p.signature_algorithm, 'expected', 'SHA-256 or stronger')
FROM judging j, profile p JOIN subject s ON s.profile = p.id
WHERE p.signature_hash IN ('md2', 'md4', 'md5') AND p.signature_hash = ANY (j.weak_hashes)
  AND NOT (s.is_self_issued AND s.is_ca)
