-- title: A newer certificate was issued, but the old one is still served
-- version: 1
-- severity: high
-- applies to: any
-- needs: managed
-- source: Venafi: MismatchWithPrevious
-- next step: Install the newer certificate here and reload the service.
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT 'R03', e.certificate, e.endpoint, 'high',
       deployment_evidence(e.deployment, e.record_id, e.newer_record, e.expected_record)
FROM new_endpoint e
WHERE e.deployment = 'superseded but served'
