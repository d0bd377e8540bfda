-- title: A newer certificate was issued, but the old one is still served
-- version: 1
-- severity: high
-- source: Venafi: MismatchWithPrevious
-- next step: Install the newer certificate here and reload the service.
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT 'R03', a.certificate, a.endpoint, 'high', a.evidence
FROM judged a
WHERE a.axis = 'deployment' AND a.value = 'superseded but served'
