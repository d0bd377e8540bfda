-- Who is responsible for what, and what has no owner? $1 filter, $2 rows or NULL, $3 and $4 column to sort by, up and down,
-- $5 certificates that can be wanted or NULL. The owner with the most urgent work first; what has no owner is a row of its own.
-- A certificate counts at its owner (certificate_now): one of several in the row that names them all, which its note says; a place at
-- the owner of that place. Without a filter the numbers are those that runs
-- keep (owner_count), and what they do not keep is read for the owners of the page alone.
WITH owned AS MATERIALIZED (
    SELECT o.owner IS NULL AS is_nobody, coalesce(o.owner, '') AS owner, count(*) AS certificates, count(*) FILTER (WHERE n.place_count > 0) AS served,
           count(*) FILTER (WHERE n.record = 'unmanaged' AND n.place_count > 0) AS unmanaged,
           count(*) FILTER (WHERE n.time = 'expired') AS expired, count(*) FILTER (WHERE n.time IN ('expiring', 'renewal due')) AS expiring,
           count(*) FILTER (WHERE n.severity_rank <= 2) AS grave, min(n.severity_rank) AS severity_rank,
           min(n.not_after) FILTER (WHERE n.ends_at >= r.as_of) AS next_end
    FROM certificates_wanted($1::jsonb, $5::bigint[]) n
    CROSS JOIN report_as_of r
    LEFT JOIN owner_basis o ON o.id = n.owner_basis
    WHERE n.is_leaf AND $1::jsonb <> '{}'
    GROUP BY o.owner
), placed AS MATERIALIZED (
    SELECT o.owner IS NULL AS is_nobody, coalesce(o.owner, '') AS owner, count(DISTINCT j.endpoint) AS places
    FROM places_wanted($1::jsonb, NULL) j LEFT JOIN owner_basis o ON o.id = j.owner_basis
    WHERE $1::jsonb <> '{}'
    GROUP BY o.owner
), counted AS (
    SELECT is_nobody, owner, coalesce(o.certificates, 0) AS certificates, coalesce(o.served, 0) AS served, coalesce(p.places, 0) AS places,
           coalesce(o.unmanaged, 0) AS unmanaged, coalesce(o.expired, 0) AS expired, coalesce(o.expiring, 0) AS expiring, coalesce(o.grave, 0) AS grave,
           o.severity_rank, o.next_end
    FROM owned o FULL JOIN placed p USING (is_nobody, owner)
    UNION ALL
    SELECT c.owner IS NULL, coalesce(c.owner, ''), c.certificates, c.served, c.places, c.unmanaged, c.expired, c.expiring, c.critical + c.high,
           CASE WHEN c.critical > 0 THEN 1 WHEN c.high > 0 THEN 2 WHEN c.medium > 0 THEN 3 WHEN c.low > 0 THEN 4 WHEN c.info > 0 THEN 5 END, NULL
    FROM owner_count c
    WHERE $1::jsonb = '{}' AND (c.certificates > 0 OR c.places > 0)
), page AS MATERIALIZED (
    SELECT c.*, CASE WHEN c.is_nobody THEN '(nobody)' ELSE c.owner END AS shown
    FROM counted c
    WHERE NOT c.is_nobody OR c.certificates > 0
    ORDER BY c.expired + c.grave DESC, c.certificates DESC, shown
    LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END
), told AS MATERIALIZED (
    SELECT o.owner, bool_or(is_of_several(o.evidence)) AS is_several, array_agg(DISTINCT c ORDER BY c) AS contacts, array_agg(DISTINCT o.environment) FILTER (WHERE o.environment IS NOT NULL) AS environments,
           bool_or(o.evidence NOT LIKE 'managed record%') AS by_rule
    FROM owner_basis o LEFT JOIN LATERAL unnest(o.contacts) c ON true
    WHERE lower(o.owner) = ANY (ARRAY(SELECT lower(p.owner) FROM page p WHERE NOT p.is_nobody))      -- which the index has
      AND o.owner IN (SELECT p.owner FROM page p WHERE NOT p.is_nobody)
    GROUP BY o.owner
)
SELECT * FROM (
SELECT p.shown AS owner, array_to_string(t.contacts, E'\n') AS contacts,
       CASE WHEN p.is_nobody THEN 'these have no owner: certsweep owners import FILE'
            WHEN t.is_several THEN 'of several owners together: each certificate counts once, here; its places count at their own owners'
            WHEN coalesce(cardinality(array_remove(t.contacts, NULL)), 0) = 0 THEN 'no contact is known'
            WHEN NOT EXISTS (SELECT FROM unnest(t.contacts) c WHERE is_mail_address(c)) THEN 'no contact is a mail address: no notice can be sent'
            ELSE nullif(concat_ws('; ', CASE WHEN cardinality(t.contacts) = 1 THEN 'one contact only' END,
                                  (SELECT 'no mail address: ' || string_agg(c, ', ' ORDER BY c) FROM unnest(t.contacts) c WHERE NOT is_mail_address(c))), '') END AS note,
       p.certificates AS certificate_count, p.served AS served_count, p.places AS place_count, p.unmanaged AS unmanaged_count, p.expired AS expired_count,
       p.expiring AS expiring_count, p.grave AS grave_count, s.name AS severity,
       CASE WHEN $1::jsonb <> '{}' THEN p.next_end
            WHEN p.is_nobody THEN (SELECT n.not_after FROM certificate_now n WHERE n.owner_basis IS NULL AND n.is_leaf AND n.ends_at >= r.as_of
                                   ORDER BY n.ends_at LIMIT 1)
            ELSE (SELECT min(x.not_after)
                  FROM owner_basis b
                  CROSS JOIN LATERAL (SELECT n.not_after FROM certificate_now n WHERE n.owner_basis = b.id AND n.is_leaf AND n.ends_at >= r.as_of
                                      ORDER BY n.ends_at LIMIT 1) x
                  WHERE lower(b.owner) = lower(p.owner) AND b.owner = p.owner) END AS not_after,
       array_to_string(t.environments, E'\n') AS environments,
       CASE WHEN p.is_nobody THEN NULL WHEN t.by_rule THEN 'owner rules' ELSE 'managed record' END AS told_by
FROM page p
CROSS JOIN report_as_of r
LEFT JOIN told t ON t.owner = p.owner AND NOT p.is_nobody
LEFT JOIN severity s ON s.rank = p.severity_rank
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, expired_count + grave_count DESC, certificate_count DESC, owner
LIMIT $2::bigint
