-- CA certificates that the authorities $1 signed: (nothing), certificate, authority, who signed it, is it a CA, is
-- its issuer its own name, may its key sign, path length, purposes, name constraints, validity in microseconds,
-- hash that signed it, is its key weak, security bits of its key.
SELECT NULL, c.certificate, c.authority, c.issuer, c.is_ca, c.is_self_issued, c.may_sign, c.path_len, c.purposes,
       c.name_constraints, (extract(epoch FROM f.not_before) * 1000000)::bigint, (extract(epoch FROM f.not_after) * 1000000)::bigint,
       f.signature_hash, (f.key_algorithm IN ('rsa', 'rsa-pss', 'dsa') AND f.key_bits < 1024) OR (f.key_algorithm = 'ec' AND f.key_bits < 160),
       f.security_bits
FROM authority_certificate c
JOIN certificate_facts f USING (certificate)
WHERE c.issuer = ANY ($1::bigint[])
ORDER BY f.not_after DESC, c.certificate
