-- title: The signature's algorithm is one inside and another outside of what is signed
-- version: 1
-- severity: high
-- applies to: any
-- source: RFC 5280, 4.1.1.2 and 4.1.2.3
-- next step: Tell the CA; clients refuse such a certificate. Replace it.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C26', s.certificate, 'high', jsonb_build_object('outside', p.signature_algorithm, 'inside', p.signed_algorithm)
FROM profile p JOIN subject s ON s.profile = p.id
WHERE NOT p.signature_algorithms_agree AND NOT s.is_unreadable
