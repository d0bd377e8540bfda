-- title: Suites that the policy does not list
-- version: 1
-- severity: medium
-- applies to: any
-- needs: posture suites
-- source: policy: allowed_suites (SP 800-52r2, 3.3.1; RFC 9151)
-- next step: Take these suites out of the server's list.
INSERT INTO hit (rule, endpoint, severity, evidence)
SELECT 'S11', s.endpoint, 'medium', jsonb_build_object('suites', jsonb_agg(DISTINCT c.name), 'seen_by', jsonb_agg(DISTINCT s.source))
FROM spoken s JOIN suite_not_allowed n ON n.id = s.cipher_suite JOIN cipher_suite c ON c.id = n.id
GROUP BY s.endpoint
