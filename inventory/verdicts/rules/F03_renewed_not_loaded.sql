-- title: Renewed certificate lies in its file, but the service still shows the old one
-- version: 1
-- severity: high
-- applies to: server, unknown
-- source: NIST SP 1800-16B, 5.1.6 (a renewal is done when it is seen at the endpoint)
-- next step: Reload the service that uses the file; then scan the endpoint again.
-- The file must be one that a configuration on its host names: a certificate put aside is no renewal that was forgotten.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT DISTINCT ON (s.certificate) 'F03', s.certificate, 'high',
       jsonb_build_object('file', f.name, 'service', u.service, 'since', f.since, 'renewed_until', n.not_after)
FROM subject s
JOIN subject n ON n.names_key = s.names_key AND n.not_before > s.not_before AND n.not_after > s.not_after
JOIN file_state_certificate c ON c.certificate = n.certificate
JOIN file_at f USING (state)
JOIN file_state_use u ON text_sha256(u.path) = text_sha256(f.path) AND u.path = f.path
JOIN file_at named ON named.state = u.state AND (named.site, named.host) = (f.site, f.host)
WHERE s.is_served AND NOT n.is_served AND NOT n.is_ca
ORDER BY s.certificate, n.not_before DESC, f.name
