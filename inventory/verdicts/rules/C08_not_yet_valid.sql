-- title: Not yet valid, or dated back
-- version: 2
-- severity: high
-- applies to: any
-- source: RFC 5280, 4.1.2.5; BR 7.1.2.7 (notBefore within 48 hours of signing)
-- next step: Put the former certificate back until this one begins, or correct the server's or the CA's clock.
INSERT INTO hit (rule, certificate, severity, evidence, next_change_at)
SELECT 'C08', s.certificate, 'high', jsonb_build_object('not_before', s.not_before), s.not_before
FROM judging j, subject s
WHERE s.is_served AND j.as_of < s.not_before;

-- Issued long after it says: its first log has seen it more than two days after its beginning.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C08', s.certificate, 'low', jsonb_build_object('not_before', s.not_before, 'first_sct', to_timestamp(o.sct_times_ms[1] / 1000.0))
FROM judging j, subject s JOIN certificate_own o USING (certificate)
WHERE s.is_leaf AND s.is_public AND j.as_of >= s.not_before AND o.sct_times_ms <> '{}'
  AND (SELECT min(t) FROM unnest(o.sct_times_ms) t) > (extract(epoch FROM s.not_before) + 48 * 3600) * 1000
