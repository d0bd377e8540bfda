-- Which certificates must be renewed soon, and by when? $1 site or NULL, $2 rows or NULL
-- last_day_to_ask: the end less the policy's lead time for a renewal.
WITH page AS MATERIALIZED (
    SELECT n.* FROM certificate_now n
    WHERE n.time IN ('renewal due', 'expiring', 'expired')
      AND ($1::text IS NULL OR EXISTS (SELECT FROM endpoint_judged j JOIN site ON site.id = j.site
                                    WHERE j.certificate = n.certificate AND site.name = $1))
    ORDER BY n.ends_at, n.sha256
    LIMIT $2::bigint
), placed AS MATERIALIZED (         -- one line per place; if there are many, only the first
    SELECT p.certificate, array_to_string((array_agg(p.name ORDER BY p.name))[:20], E'\n')
           || CASE WHEN count(*) > 20 THEN E'\nand ' || count(*) - 20 || ' more' ELSE '' END AS places
    FROM (SELECT j.certificate, CASE WHEN $1::text IS NULL AND site.name <> 'default' THEN site.name || ' ' ELSE '' END
                 || place_text(e.address, e.port, e.server_name) AS name
          FROM page JOIN endpoint_judged j USING (certificate)
          JOIN endpoint e ON e.id = j.endpoint
          JOIN site ON site.id = j.site
          WHERE $1::text IS NULL OR site.name = $1) p
    GROUP BY p.certificate
), step AS MATERIALIZED (
    SELECT DISTINCT ON (f.certificate) f.certificate, ru.next_step
    FROM page JOIN finding f USING (certificate) JOIN rule ru ON ru.id = f.rule
    WHERE f.rule IN ('C05', 'C06', 'C07')
    ORDER BY f.certificate, f.severity_rank, f.rule
)
SELECT n.time AS state, floor(date_part('epoch', n.not_after - r.as_of) / 86400)::integer AS days_left, n.not_after,
       n.not_after - lead.span AS last_day_to_ask,
       n.name, placed.places, o.owner, array_to_string(o.contacts, E'\n') AS contacts, n.record, n.issuer_name AS issuer,
       CASE WHEN n.place_count = 0 THEN 'Not seen served: is it still needed?'
            ELSE coalesce(step.next_step, ru.next_step) END AS next_step,
       encode(n.sha256, 'hex') AS sha256
FROM page n
CROSS JOIN report_as_of r
CROSS JOIN (SELECT make_interval(days => coalesce((SELECT (document->>'lead_time_days')::integer FROM policy_current), 14))
            AS span) lead
LEFT JOIN placed USING (certificate)
LEFT JOIN step USING (certificate)
LEFT JOIN owner_basis o ON o.id = n.owner_basis
LEFT JOIN rule ru ON ru.id = n.worst_rule
ORDER BY n.ends_at, n.sha256
