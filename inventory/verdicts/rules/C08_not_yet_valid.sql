-- title: Not yet valid
-- version: 1
-- severity: high
-- source: RFC 5280, 4.1.2.5
-- next step: Put the former certificate back until this one begins, or correct the server's or the CA's clock.
INSERT INTO hit (rule, certificate, severity, evidence, next_change_at)
SELECT 'C08', s.certificate, 'high', jsonb_build_object('not_before', s.not_before), s.not_before
FROM judging j, subject s
WHERE s.is_served AND j.as_of < s.not_before
