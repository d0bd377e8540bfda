-- title: A service in the clear that does not offer STARTTLS
-- version: 1
-- severity: medium
-- applies to: any
-- source: BOD 18-01, required action 1 (mail); RFC 8314
-- next step: Switch STARTTLS on with a certificate for the service's name, or find out who takes it out on the way.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'P09', n.endpoint, CASE WHEN n.first_certificate_at IS NULL THEN 'medium' ELSE 'high' END,
       jsonb_build_object('protocol', n.protocol, 'offered_once', n.first_certificate_at IS NOT NULL)
FROM scope_endpoint x JOIN endpoint_now n USING (endpoint)
WHERE n.last_outcome = 8
