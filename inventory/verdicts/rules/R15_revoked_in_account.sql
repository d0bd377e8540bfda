-- title: Its account says that it is revoked, and it is still served
-- version: 1
-- severity: critical
-- applies to: any
-- needs: managed
-- source: RFC 5280, 5.3; TLS BR 4.9.1; what the account knows before any list says it
-- next step: Replace the certificate and its key here at once, then reload the service.
-- What its CA says too is H08's.
WITH told AS (
    SELECT DISTINCT ON (m.certificate) m.certificate, m.record, m.revoked_at
    FROM record_match m
    WHERE m.status = 'revoked' AND m.step <= 3
      AND NOT EXISTS (SELECT FROM hit h WHERE h.rule = 'H08' AND h.certificate = m.certificate AND h.evidence ->> 'issuer' IS NULL)
    ORDER BY m.certificate, m.revoked_at, m.record
)
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT 'R15', e.certificate, e.endpoint, 'critical',
       jsonb_strip_nulls(jsonb_build_object('revoked_at', t.revoked_at, 'reason', r.revocation_reason,
           'record', r.file || CASE WHEN r.line > 0 THEN ':' || r.line ELSE '' END, 'order', r.order_number))
FROM told t
JOIN new_endpoint e USING (certificate)
JOIN managed_record r ON r.id = t.record
WHERE e.deployment = 'revoked but served'
