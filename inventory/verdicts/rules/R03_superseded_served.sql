-- title: A newer certificate was issued, but the old one is still served
-- version: 3
-- severity: high
-- applies to: any
-- needs: managed
-- source: Venafi: MismatchWithPrevious
-- next step: Install the newer certificate here and reload the service.
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT 'R03', e.certificate, e.endpoint, 'high',
       CASE WHEN e.newer_record IS NULL
            THEN jsonb_build_object('reason', 'a newer certificate took its place at one endpoint', 'newer', encode(c.sha256, 'hex'))
            ELSE jsonb_build_object('newer_record', r.file || CASE WHEN r.line > 0 THEN ':' || r.line ELSE '' END,
                                    'newer_order', r.order_number, 'newer_serial_number', r.serial_number, 'newer_from', r.not_before) END
FROM new_endpoint e
LEFT JOIN leaf_side l USING (certificate)
LEFT JOIN certificate c ON c.id = l.newer_certificate
LEFT JOIN managed_record r ON r.id = e.newer_record
WHERE e.deployment = 'superseded but served'
