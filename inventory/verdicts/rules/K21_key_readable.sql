-- title: Private key of a served certificate is readable by all
-- version: 2
-- severity: critical
-- applies to: any
-- source: SP 800-57 part 1, 6.2.2.3; BR 6.2
-- next step: Take the others' right to read from the file, then replace key and certificate: whoever had a login may have a copy.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K21', s.certificate, 'critical',
       jsonb_build_object('file', min(f.name), 'files', nullif(count(DISTINCT f.name), 1),
                          'mode', (array_agg(concat(f.mode >> 6 & 7, f.mode >> 3 & 7, f.mode & 7) ORDER BY f.name))[1])
FROM subject s
JOIN certificate_own o USING (certificate)
JOIN file_state_key k USING (spki_sha256)
JOIN file_at f USING (state)
WHERE s.is_served AND k.kind = 1 AND NOT k.is_encrypted AND f.mode & 4 <> 0
GROUP BY s.certificate
