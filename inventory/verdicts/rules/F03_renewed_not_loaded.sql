-- title: Renewed certificate lies in its file, but the service still shows the old one
-- version: 2
-- severity: high
-- applies to: server, ca, unknown
-- source: NIST SP 1800-16B, 5.1.6 (a renewal is done when it is seen at the endpoint)
-- next step: Reload the service that uses the file; then scan the endpoint again.
-- The file must be one that a configuration on its host names: a certificate put aside is no renewal that was forgotten. Then it may also be
-- part of a package, or a self-signed CA ("openssl req -x509" makes these) whose key was not read: that is no reason to leave it out. A chain's
-- CAs renew no leaf.
INSERT INTO hit (rule, certificate, severity, evidence)
WITH renewed AS MATERIALIZED (
    SELECT n.is_ca, n.not_before, n.not_after, n.names_key, f.name, f.since, u.service
    FROM file_state_use u
    JOIN file_at named USING (state)
    JOIN file_at f ON text_sha256(u.path) = text_sha256(f.path) AND u.path = f.path AND (named.site, named.host) = (f.site, f.host)
    JOIN file_state_certificate c ON c.state = f.state
    JOIN known n ON n.certificate = c.certificate
    WHERE NOT n.is_served
)
SELECT DISTINCT ON (s.certificate) 'F03', s.certificate, 'high',
       jsonb_build_object('file', n.name, 'service', n.service, 'since', n.since, 'renewed_until', n.not_after)
FROM renewed n
JOIN subject s ON s.names_key = n.names_key AND n.not_before > s.not_before AND n.not_after > s.not_after
WHERE s.is_served AND (s.is_ca OR NOT n.is_ca)
ORDER BY s.certificate, n.not_before DESC, n.name
