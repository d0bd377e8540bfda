-- Which certificates are served here that nobody manages? $1 site or NULL, $2 rows or NULL
-- The rows come from an index of certificate_now; the other columns are looked up only for the rows that are shown.
WITH page AS MATERIALIZED (
    SELECT n.* FROM certificate_now n
    WHERE n.record = 'unmanaged' AND n.place_count > 0
      AND ($1::text IS NULL OR EXISTS (SELECT FROM endpoint_judged j JOIN site ON site.id = j.site
                                    WHERE j.certificate = n.certificate AND site.name = $1))
    ORDER BY n.severity_rank, n.ends_at, n.sha256
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
), seen AS MATERIALIZED (
    SELECT c.leaf AS certificate, max(s.to_at) AS last_seen
    FROM page JOIN chain c ON c.leaf = page.certificate JOIN serving s ON s.chain = c.id
    GROUP BY c.leaf
)
SELECT sev.name AS severity, n.name, placed.places, o.owner, array_to_string(o.contacts, E'\n') AS contacts,
       n.issuer_name AS issuer, n.issuer AS issuer_kind, n.time AS state, n.not_after,
       floor(date_part('epoch', n.not_after - r.as_of) / 86400)::integer AS days_left,
       CASE WHEN n.record_id IS NULL THEN 'reason no record of any source matches'
            ELSE evidence_text(record_evidence(n.record_step, n.record_id, n.decision)) END AS because,
       coalesce(ru.next_step, 'Find out who runs it; then take it into the managed set or replace it.') AS next_step,
       n.first_seen, seen.last_seen, encode(n.sha256, 'hex') AS sha256
FROM page n
CROSS JOIN report_as_of r
LEFT JOIN placed USING (certificate)
LEFT JOIN seen USING (certificate)
LEFT JOIN owner_basis o ON o.id = n.owner_basis
LEFT JOIN severity sev ON sev.rank = n.severity_rank
LEFT JOIN rule ru ON ru.id = n.worst_rule
ORDER BY n.severity_rank, n.ends_at, n.sha256
