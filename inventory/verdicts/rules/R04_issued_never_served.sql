-- title: Issued, and never seen served
-- version: 2
-- severity: medium
-- applies to: server, unknown
-- needs: managed
-- source: CDT and OTech: 25 days to test, return or exchange; policy: test_window_days
-- next step: Install it, or give it back while that is possible; one that nobody needs is revoked.
-- Of certificates whose file is known; records without one are in `report recorded`. Where nothing was scanned, nothing is said.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'R04', k.certificate, 'medium',
       jsonb_build_object('record', r.file || ':' || r.line, 'delivered_at', r.delivered_at, 'issued', k.not_before, 'test_window_days', w.days)
FROM judging j CROSS JOIN (SELECT coalesce(max(test_window_days), 25) AS days FROM policy_term) w
CROSS JOIN known k
JOIN record_best b ON b.certificate = k.certificate AND b.is_held
JOIN managed_record r ON r.id = b.record
WHERE k.has_axes AND k.first_seen IS NULL AND k.not_after > j.as_of AND (r.type IS NULL OR r.type IN ('server', 'other'))
  AND coalesce(r.delivered_at, k.not_before) + make_interval(days => w.days) <= j.as_of AND EXISTS (SELECT FROM endpoint_judged)
