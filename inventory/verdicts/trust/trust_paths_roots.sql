-- Roots of all stores, store by store. Columns: store, then those of trust_paths_children.sql.
SELECT r.store, c.certificate, c.authority, c.issuer, c.is_ca, c.is_self_issued, c.may_sign, c.path_len, c.purposes,
       c.name_constraints, (extract(epoch FROM f.not_before) * 1000000)::bigint, (extract(epoch FROM f.not_after) * 1000000)::bigint,
       f.signature_hash, (f.key_algorithm IN ('rsa', 'rsa-pss', 'dsa') AND f.key_bits < 1024) OR (f.key_algorithm = 'ec' AND f.key_bits < 160),
       f.security_bits
FROM store_root r
JOIN authority_certificate c USING (certificate)
JOIN certificate_facts f USING (certificate)
ORDER BY r.store, f.not_after DESC, c.certificate
