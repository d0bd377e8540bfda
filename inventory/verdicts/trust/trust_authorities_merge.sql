-- Stores new pairs of name and key, and the certificates that have them.
INSERT INTO authority (name, name_key, spki_sha256, spki, key_sha1)
SELECT DISTINCT ON (n.name, n.spki_sha256) n.name, n.name_key, n.spki_sha256, n.spki, n.key_sha1
FROM authority_new n
WHERE NOT EXISTS (SELECT FROM authority a WHERE a.name = n.name AND a.spki_sha256 = n.spki_sha256)
ORDER BY n.name, n.spki_sha256, n.certificate;

INSERT INTO authority_certificate (certificate, authority, subject_key_id, is_ca, is_self_issued, may_sign, may_sign_lists, path_len,
                                   purposes, name_constraints)
SELECT n.certificate, a.id, n.subject_key_id, n.is_ca, n.is_self_issued, n.may_sign, n.may_sign_lists, n.path_len, n.purposes,
       n.name_constraints
FROM authority_new n
JOIN authority a ON a.name = n.name AND a.spki_sha256 = n.spki_sha256
ON CONFLICT DO NOTHING;
