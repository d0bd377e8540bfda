-- Which certificates come from a public CA that is neither the organisation's own nor approved? $1 site or NULL, $2 rows or
-- NULL. Unmanaged ones first, then by their end.
WITH page AS MATERIALIZED (
    SELECT n.* FROM certificate_now n
    WHERE n.issuer = 'foreign'
      AND ($1::text IS NULL OR EXISTS (SELECT FROM endpoint_judged j JOIN site ON site.id = j.site
                                    WHERE j.certificate = n.certificate AND site.name = $1))
    ORDER BY n.record DESC, n.ends_at, n.sha256
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
), path AS MATERIALIZED (             -- the best path of each authority to a public root
    SELECT DISTINCT ON (p.authority) p.authority, p.not_after, encode(c.sha256, 'hex') AS root
    FROM ca_path p JOIN trust_store s ON s.id = p.store JOIN certificate c ON c.id = p.root
    WHERE p.fault IS NULL AND s.kind = 'public'
    ORDER BY p.authority, p.is_weak, p.not_after DESC NULLS FIRST
)
SELECT n.name, placed.places, f.issuer, n.record, o.owner, array_to_string(o.contacts, E'\n') AS contacts,
       n.time AS state, n.not_after, floor(date_part('epoch', n.not_after - r.as_of) / 86400)::integer AS days_left,
       'issuer ' || f.issuer || '; store public'
       || coalesce('; path not after ' || to_char(least(path.not_after, n.not_after) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), '')
       || coalesce('; root sha256 ' || path.root, '') AS because, ru.next_step,
       encode(n.sha256, 'hex') AS sha256
FROM page n
JOIN certificate_facts f USING (certificate)
CROSS JOIN report_as_of r
LEFT JOIN placed USING (certificate)
LEFT JOIN edge ON edge.child = n.certificate
LEFT JOIN path ON path.authority = edge.authority
LEFT JOIN owner_basis o ON o.id = n.owner_basis
LEFT JOIN rule ru ON ru.id = n.worst_rule
ORDER BY n.record DESC, n.ends_at, n.sha256
