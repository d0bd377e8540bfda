-- Axis time. Renewal is due at the first notice step or at the first share of life, whichever is later, so that a
-- certificate of 47 days is not due all its life. Both ends of validity are inside (RFC 5280, 4.1.2.5). Too long: the
-- rule C03 or C04 said so. next_change_at holds every notice step, since rules about expiry change there,
-- and the end of the CA certificates sent with it.
INSERT INTO judged (axis, rule, rule_version, certificate, value, evidence, next_change_at)
SELECT 'time', 'T-dates', 1, x.certificate,
       CASE WHEN x.not_before IS NULL OR x.not_after IS NULL THEN 'unknown'
            WHEN x.as_of >= x.not_after + interval '1 second' THEN 'expired'
            WHEN x.as_of < x.not_before THEN 'not yet'
            WHEN x.as_of >= x.expiring_at THEN 'expiring'
            WHEN x.as_of >= x.due_at THEN 'renewal due'
            WHEN EXISTS (SELECT FROM hit h WHERE h.certificate = x.certificate AND h.rule IN ('C03', 'C04')) THEN 'too long'
            ELSE 'ok' END,
       jsonb_strip_nulls(jsonb_build_object('not_before', x.not_before, 'not_after', x.not_after,
           'renewal_due_at', x.due_at, 'expiring_at', x.expiring_at)),     -- nothing that differs from day to day
       (SELECT min(b) FROM unnest(ARRAY[x.not_before, x.due_at, x.expiring_at, x.not_after + interval '1 second', x.chain_ends_at]
               || (SELECT array_agg(x.not_after - make_interval(days => s)) FROM unnest(x.steps) s)
               || (SELECT array_agg(x.not_after - (x.not_after - x.not_before) * (p / 100.0)::float8) FROM unnest(x.shares) p)) b
        WHERE b > x.as_of)
FROM (SELECT l.certificate, f.not_before, f.not_after, j.as_of, j.steps, j.shares, ca.chain_ends_at,
             f.not_after - least(make_interval(days => j.steps[1]), life * (j.shares[1] / 100.0)::float8) AS due_at,
             f.not_after - least(make_interval(days => j.expiring_days),
                                 life * (coalesce(j.shares[2], j.shares[1]) / 100.0)::float8) AS expiring_at
      FROM judging j, leaf l
      JOIN certificate_facts f USING (certificate)
      CROSS JOIN LATERAL (SELECT f.not_after - f.not_before AS life) y
      LEFT JOIN (SELECT d.certificate, min(c.not_after) + interval '1 second' AS chain_ends_at
                 FROM judging j, deployed d JOIN chain_certificate cc ON cc.chain = d.chain AND cc.position > 0
                 JOIN certificate_facts c ON c.certificate = cc.certificate
                 WHERE c.not_after + interval '1 second' > j.as_of GROUP BY d.certificate) ca ON ca.certificate = l.certificate) x
