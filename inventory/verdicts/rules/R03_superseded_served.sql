-- title: A newer certificate was issued, but the old one is still served
-- version: 2
-- severity: high
-- applies to: any
-- needs: managed
-- source: Venafi: MismatchWithPrevious
-- next step: Install the newer certificate here and reload the service.
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT 'R03', e.certificate, e.endpoint, 'high',
       deployment_evidence(e.deployment, e.record_id, e.newer_record, e.expected_record)
       || CASE WHEN e.newer_record IS NULL
               THEN jsonb_build_object('reason', 'a newer certificate took its place at one endpoint', 'newer', encode(c.sha256, 'hex')) ELSE '{}' END
FROM new_endpoint e
LEFT JOIN leaf_side l USING (certificate)
LEFT JOIN certificate c ON c.id = l.newer_certificate
WHERE e.deployment = 'superseded but served'
