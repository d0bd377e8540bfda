-- title: Ed25519 or Ed448 key in the public web
-- version: 1
-- severity: medium
-- source: Mozilla Root Store Policy 3.1, 5.1; BR 6.1.5
-- next step: Ask for a certificate over a P-256 key: browsers do not accept this one.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K17', f.certificate, 'medium', jsonb_build_object('key_algorithm', f.key_algorithm)
FROM subject s JOIN certificate_facts f USING (certificate)
WHERE s.is_public AND f.key_algorithm IN ('ed25519', 'ed448')
