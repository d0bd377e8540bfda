-- title: Key of an algorithm that the public web does not allow (Ed25519, Ed448, RSASSA-PSS, others)
-- version: 4
-- severity: medium
-- applies to: server, unknown
-- needs: public
-- source: BR 6.1.5 and 7.1.3.1; Mozilla Root Store Policy 3.1, 5.1
-- next step: Ask for a certificate over a P-256 key: browsers do not accept this one.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K17', s.certificate, 'medium', jsonb_build_object('key_algorithm', p.key_algorithm, 'allowed', '["RSA", "P-256", "P-384", "P-521"]'::jsonb)
FROM profile p JOIN subject s ON s.profile = p.id
WHERE s.is_public AND p.key_algorithm NOT IN ('rsa', 'ec', 'dsa')
