-- title: A CA certificate in the sent chain has a weak key or a weak signature
-- version: 2
-- severity: high
-- applies to: any
-- source: BR 6.1.5, 7.1.3.2.1; RFC 9325, 4.5
-- next step: Ask the CA for its current intermediate certificates and install them (a root's own signature does not count).
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT DISTINCT ON (d.certificate, d.endpoint) 'H06', d.certificate, d.endpoint, 'high',
       jsonb_build_object('position', cc.position, 'subject', f.subject, 'key_algorithm', f.key_algorithm, 'key_bits', f.key_bits,
                          'signature_algorithm', f.signature_algorithm,
                          'minimum', CASE WHEN f.key_algorithm = 'ec' AND f.key_bits < j.ec_bits THEN j.ec_bits
                                          WHEN f.key_algorithm IN ('rsa', 'rsa-pss', 'dsa') AND f.key_bits < j.rsa_bits THEN j.rsa_bits END,
                          'expected', CASE WHEN f.signature_hash = ANY (j.weak_hashes) AND NOT f.is_self_signed THEN 'SHA-256 or stronger' END)
FROM judging j, place d
JOIN chain_certificate cc ON cc.chain = d.chain AND cc.position > 0
JOIN certificate_facts f ON f.certificate = cc.certificate
WHERE f.is_ca AND cc.certificate <> d.certificate
  AND ((f.signature_hash = ANY (j.weak_hashes) AND NOT f.is_self_signed)
       OR (f.key_algorithm IN ('rsa', 'rsa-pss', 'dsa') AND f.key_bits < j.rsa_bits) OR (f.key_algorithm = 'ec' AND f.key_bits < j.ec_bits))
ORDER BY d.certificate, d.endpoint, cc.position
