-- title: The CA's certificate ends before the certificate that it signed
-- version: 1
-- severity: medium
-- applies to: any
-- source: RFC 5280, 6.1.3
-- next step: Plan the renewal by the CA's end, not by the certificate's, or take one below a CA that lasts.
WITH lasts AS (
    SELECT p.authority, max(coalesce(p.not_after, 'infinity')) AS not_after FROM ca_path p WHERE p.fault IS NULL GROUP BY 1)
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'H04', s.certificate, 'medium', jsonb_build_object('not_after', s.not_after, 'path_not_after', l.not_after)
FROM judging j, subject s
JOIN lasts l ON l.authority = s.authority
WHERE s.is_leaf AND l.not_after < s.not_after AND j.as_of < s.not_after + interval '1 second'
