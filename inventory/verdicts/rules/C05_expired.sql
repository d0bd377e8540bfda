-- title: Expired
-- version: 2
-- severity: critical
-- applies to: any
-- source: RFC 5280, 4.1.2.5
-- next step: Replace it today, or take the service down; clients refuse it or have been taught to ignore warnings.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C05', s.certificate, 'critical', jsonb_build_object('not_after', s.not_after)
FROM judging j, subject s
WHERE s.is_leaf AND s.not_after <= j.as_of - interval '1 second'
