-- title: Key that a quantum computer breaks, in use beyond the deadline for signatures
-- version: 2
-- severity: info
-- applies to: any
-- source: EO 14409 (signatures by 2031-12-31); IR 8547
-- next step: Plan the change to ML-DSA for what lives that long: roots, intermediates, devices.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K20', s.certificate, 'info', jsonb_build_object('key_algorithm', p.key_algorithm, 'not_after', s.not_after, 'deadline', '2031-12-31')
FROM profile p JOIN subject s ON s.profile = p.id
WHERE p.quantum_level = 0 AND s.not_after >= '2032-01-01 00:00:00+00'
