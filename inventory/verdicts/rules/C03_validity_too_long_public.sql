-- title: Valid for longer than the public web allowed on its day of issue
-- version: 1
-- severity: high
-- applies to: server, unknown
-- needs: public
-- source: BR 6.3.2: 825 days from 2018-03-01, 398 from 2020-09-01, 200 from 2026-03-15, 100 from 2027-03-15, 47 from 2029-03-15
-- next step: Browsers refuse it: ask the CA for a certificate within the limit.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C03', s.certificate, 'high',
       jsonb_build_object('days', ceil(life.seconds / 86400), 'limit_days', l.days, 'issued', s.not_before)
-- A day is 86,400 s, any fraction above counts as one more, and both ends are inside; so it is written since the limit
-- of 398 days. Before that the difference of the ends was counted.
FROM (VALUES (timestamptz '2018-03-01 00:00Z', timestamptz '2020-09-01 00:00Z', 825, 0),
             ('2020-09-01 00:00Z', '2026-03-15 00:00Z', 398, 1), ('2026-03-15 00:00Z', '2027-03-15 00:00Z', 200, 1),
             ('2027-03-15 00:00Z', '2029-03-15 00:00Z', 100, 1), ('2029-03-15 00:00Z', 'infinity', 47, 1))
     l (from_at, until, days, both_ends)
JOIN subject s ON s.not_before >= l.from_at AND s.not_before < l.until
     AND s.life > make_interval(days => l.days) - make_interval(secs => l.both_ends)
CROSS JOIN LATERAL (SELECT extract(epoch FROM s.life) + l.both_ends AS seconds) life
WHERE s.is_leaf AND s.is_public AND NOT s.is_ca
