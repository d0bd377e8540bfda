-- title: Private key beside its certificate in a repository
-- version: 1
-- severity: high
-- applies to: any
-- source: SP 800-57 part 1, 6.2.2.3
-- next step: Take a new key, keep it out of the repository, and replace the certificate: every copy of the repository holds the old one.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K22', s.certificate, 'high',
       jsonb_build_object('file', min(f.name), 'files', nullif(count(DISTINCT f.name), 1))
FROM subject s
JOIN certificate_own o USING (certificate)
JOIN file_state_key k USING (spki_sha256)
JOIN file_at f USING (state)
WHERE k.kind = 1 AND NOT k.is_encrypted AND f.marks & 2 = 0 AND f.marks & 8 <> 0
  AND EXISTS (SELECT FROM file_state_certificate c JOIN file_at beside USING (state)
              WHERE c.certificate = s.certificate AND beside.marks & 8 <> 0 AND (beside.site, beside.host) = (f.site, f.host))
GROUP BY s.certificate
