-- title: RSA modulus of an unusual size
-- version: 2
-- severity: low
-- applies to: any
-- needs: public
-- source: BR 6.1.5 (a multiple of 8 bits); 2048, 3072 and 4096 are what clients are tested with
-- next step: At the next renewal make a key of 2048, 3072 or 4096 bits.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K04', s.certificate, 'low', jsonb_build_object('key_bits', p.key_bits, 'usual', '[2048, 3072, 4096]'::jsonb)
FROM profile p JOIN subject s ON s.profile = p.id
WHERE s.is_public AND p.key_algorithm IN ('rsa', 'rsa-pss') AND p.key_bits >= 2048 AND p.key_bits NOT IN (2048, 3072, 4096)
