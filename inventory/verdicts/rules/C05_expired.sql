-- title: Expired
-- version: 1
-- severity: critical
-- source: RFC 5280, 4.1.2.5
-- next step: Replace it today, or take the service down; clients refuse it or have been taught to ignore warnings.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C05', f.certificate, 'critical',
       jsonb_build_object('not_after', f.not_after, 'days_ago', floor(extract(epoch FROM j.as_of - f.not_after) / 86400))
FROM judging j, subject s JOIN certificate_facts f USING (certificate)
WHERE s.is_leaf AND j.as_of >= f.not_after + interval '1 second'
