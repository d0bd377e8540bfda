-- Which certificates must be renewed soon, and by when? $1 site or NULL
-- last_day_to_ask: the end less the policy's lead time for a renewal.
SELECT c.time AS state, c.days_left, c.not_after,
       c.not_after - make_interval(days => coalesce((SELECT (document->>'lead_time_days')::integer FROM policy_current),
                                                    14)) AS last_day_to_ask,
       c.name, certificate_places(c.certificate, $1) AS places, c.owner, array_to_string(c.contacts, E'\n') AS contacts,
       c.record, c.issuer_name AS issuer,
       CASE WHEN c.place_count = 0 THEN 'Not seen served: is it still needed?'
            ELSE coalesce((SELECT h.next_step FROM report_policy_hit h
                           WHERE h.certificate = c.certificate AND h.rule IN ('C05', 'C06', 'C07')
                           ORDER BY h.severity_rank LIMIT 1), c.next_step) END AS next_step,
       c.sha256
FROM report_certificate c
WHERE c.time IN ('renewal due', 'expiring', 'expired')
  AND ($1::text IS NULL OR c.certificate IN (SELECT p.certificate FROM report_place p WHERE p.site = $1))
ORDER BY c.not_after, c.name, c.sha256
