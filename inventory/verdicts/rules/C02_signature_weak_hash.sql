-- title: Signed with a hash that the policy forbids (SHA-1)
-- version: 2
-- severity: high
-- applies to: any
-- source: BR 7.1.3.2.1; RFC 9325, 4.5; SP 800-131A
-- next step: Ask the CA for a certificate signed with SHA-256 (roots are exempt: their signature is never checked).
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C02', s.certificate, 'high', jsonb_build_object('signature_algorithm', p.signature_algorithm, 'expected', 'SHA-256 or stronger')
FROM judging j, profile p JOIN subject s ON s.profile = p.id
WHERE p.signature_hash = ANY (j.weak_hashes) AND p.signature_hash NOT IN ('md2', 'md4', 'md5')
  AND NOT (s.is_self_issued AND s.is_ca)
