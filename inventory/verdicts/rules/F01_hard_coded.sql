-- title: Certificate is part of a program
-- version: 1
-- severity: low
-- applies to: any
-- source: OWASP MASVS-NETWORK (pins need a way to be renewed); NIST SP 1800-16B, 5.1.2
-- next step: Find who builds the program: when this certificate is renewed, the program must be built and installed again.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'F01', s.certificate, 'low', jsonb_build_object('file', min(f.name), 'files', nullif(count(DISTINCT f.name), 1))
FROM subject s
JOIN file_state_certificate c USING (certificate)
JOIN file_at f USING (state)
WHERE f.marks & 16 <> 0 AND f.counts
GROUP BY s.certificate
