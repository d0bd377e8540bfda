-- Policy hits join the axes; every rule says its version. Accepted certificates keep their hits: what was accepted is
-- that nobody manages them.
INSERT INTO judged (axis, rule, rule_version, certificate, endpoint, value, severity, evidence, next_change_at)
SELECT 'policy', h.rule, r.version, h.certificate, h.endpoint, 'hit', h.severity, jsonb_strip_nulls(h.evidence),
       h.next_change_at
FROM hit h JOIN rule r ON r.id = h.rule
