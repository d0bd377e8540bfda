-- title: Valid for longer than the public web allowed on its day of issue
-- version: 1
-- severity: high
-- source: BR 6.3.2: 825 days from 2018-03-01, 398 from 2020-09-01, 200 from 2026-03-15, 100 from 2027-03-15, 47 from 2029-03-15
-- next step: Browsers refuse it: ask the CA for a certificate within the limit.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C03', f.certificate, 'high',
       jsonb_build_object('days', ceil(life.seconds / 86400), 'limit_days', l.days, 'issued', f.not_before)
FROM subject s JOIN certificate_facts f USING (certificate)
-- A day is 86,400 s, any fraction above counts as one more, and both ends are inside; so it is written since the limit
-- of 398 days. Before that the difference of the ends was counted.
JOIN LATERAL (
    SELECT days, both_ends FROM (VALUES (timestamptz '2018-03-01 00:00Z', 825, 0), ('2020-09-01 00:00Z', 398, 1),
        ('2026-03-15 00:00Z', 200, 1), ('2027-03-15 00:00Z', 100, 1), ('2029-03-15 00:00Z', 47, 1)) limits (from_at, days, both_ends)
    WHERE f.not_before >= from_at ORDER BY from_at DESC LIMIT 1) l ON true
CROSS JOIN LATERAL (SELECT extract(epoch FROM f.not_after - f.not_before) + l.both_ends AS seconds) life
WHERE s.is_leaf AND s.is_public AND NOT f.is_ca AND life.seconds > l.days * 86400
