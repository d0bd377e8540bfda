-- Who is responsible for what, and what has no owner? $1 filter, $2 rows or NULL, $3 and $4 column to sort by, up and down,
-- $5 certificates that can be wanted or NULL. The owner with the most urgent work first; what has no owner is a row of its own.
-- A certificate counts at each of its owners, whole, and a place at its own: rows sum to more than there are (ownership_note.sql). Without a filter the
-- numbers are those that runs keep (owner_count), and what they do not keep is read for the owners of the page alone.
WITH kept AS MATERIALIZED (             -- runs before this version have not counted them so
    SELECT $1::jsonb = '{}' AND EXISTS (SELECT FROM ending_count) AS is_kept
), alike AS MATERIALIZED (              -- by owner, or set of them, of which one certificate tells whose it is
    SELECT o.owner, CASE WHEN is_of_several(o.evidence) THEN n.owner_basis END AS several, CASE WHEN is_of_several(o.evidence) THEN min(n.certificate) END AS one,
           count(*) AS certificates, count(*) FILTER (WHERE n.place_count > 0) AS served,
           count(*) FILTER (WHERE n.record = 'unmanaged' AND n.place_count > 0) AS unmanaged,
           count(*) FILTER (WHERE n.time = 'expired') AS expired, count(*) FILTER (WHERE n.time IN ('expiring', 'renewal due')) AS expiring,
           count(*) FILTER (WHERE n.severity_rank <= 2) AS grave, min(n.severity_rank) AS severity_rank,
           min(n.not_after) FILTER (WHERE n.ends_at >= r.as_of) AS next_end
    FROM certificates_wanted($1::jsonb, $5::bigint[]) n
    CROSS JOIN report_as_of r
    LEFT JOIN owner_basis o ON o.id = n.owner_basis
    WHERE n.is_leaf AND NOT (SELECT is_kept FROM kept)
    GROUP BY o.owner, 2, is_of_several(o.evidence)
), member AS (
    SELECT a.several, o.owner
    FROM alike a JOIN owned_place p ON p.certificate = a.one JOIN owner_basis o ON o.id = p.owner_basis
    GROUP BY a.several, o.owner
), spread AS (
    SELECT a.owner, 0::bigint AS shared, a.certificates, a.served, a.unmanaged, a.expired, a.expiring, a.grave, a.severity_rank, a.next_end
    FROM alike a WHERE a.one IS NULL
    UNION ALL
    SELECT m.owner, a.certificates, a.certificates, a.served, a.unmanaged, a.expired, a.expiring, a.grave, a.severity_rank, a.next_end
    FROM alike a JOIN member m USING (several)
), owned AS MATERIALIZED (
    SELECT s.owner IS NULL AS is_nobody, coalesce(s.owner, '') AS owner, sum(s.certificates)::bigint AS certificates, sum(s.shared)::bigint AS shared,
           sum(s.served)::bigint AS served, sum(s.unmanaged)::bigint AS unmanaged, sum(s.expired)::bigint AS expired, sum(s.expiring)::bigint AS expiring,
           sum(s.grave)::bigint AS grave, min(s.severity_rank) AS severity_rank, min(s.next_end) AS next_end
    FROM spread s
    WHERE $1::jsonb->>'owner' IS NULL OR lower(s.owner) = lower($1::jsonb->>'owner') OR ($1::jsonb->>'owner' = '' AND s.owner IS NULL)
    GROUP BY s.owner
), placed AS MATERIALIZED (
    SELECT o.owner IS NULL AS is_nobody, coalesce(o.owner, '') AS owner, count(DISTINCT j.endpoint) AS places
    FROM places_wanted($1::jsonb, NULL) j LEFT JOIN owner_basis o ON o.id = j.owner_basis
    WHERE NOT (SELECT is_kept FROM kept)
    GROUP BY o.owner
), counted AS (
    SELECT is_nobody, owner, coalesce(o.certificates, 0) AS certificates, coalesce(o.shared, 0) AS shared, coalesce(o.served, 0) AS served, coalesce(p.places, 0) AS places,
           coalesce(o.unmanaged, 0) AS unmanaged, coalesce(o.expired, 0) AS expired, coalesce(o.expiring, 0) AS expiring, coalesce(o.grave, 0) AS grave,
           o.severity_rank, o.next_end
    FROM owned o FULL JOIN placed p USING (is_nobody, owner)
    UNION ALL
    SELECT c.owner IS NULL, coalesce(c.owner, ''), c.certificates, c.shared, c.served, c.places, c.unmanaged, c.expired, c.expiring, c.critical + c.high,
           CASE WHEN c.critical > 0 THEN 1 WHEN c.high > 0 THEN 2 WHEN c.medium > 0 THEN 3 WHEN c.low > 0 THEN 4 WHEN c.info > 0 THEN 5 END, NULL
    FROM owner_count c
    WHERE (SELECT is_kept FROM kept) AND (c.certificates > 0 OR c.places > 0)
), page AS MATERIALIZED (
    SELECT c.*, CASE WHEN c.is_nobody THEN '(nobody)' ELSE c.owner END AS shown
    FROM counted c
    WHERE NOT c.is_nobody OR c.certificates > 0
    ORDER BY c.expired + c.grave DESC, c.certificates DESC, shown
    LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END
), told AS MATERIALIZED (
    SELECT o.owner, array_agg(DISTINCT c ORDER BY c) AS contacts, array_agg(DISTINCT o.environment) FILTER (WHERE o.environment IS NOT NULL) AS environments,
           bool_or(o.evidence NOT LIKE 'managed record%') AS by_rule
    FROM owner_basis o LEFT JOIN LATERAL unnest(o.contacts) c ON true
    WHERE lower(o.owner) = ANY (ARRAY(SELECT lower(p.owner) FROM page p WHERE NOT p.is_nobody))      -- which the index has
      AND o.owner IN (SELECT p.owner FROM page p WHERE NOT p.is_nobody) AND NOT is_of_several(o.evidence)
    GROUP BY o.owner
)
SELECT * FROM (
SELECT p.shown AS owner, array_to_string(t.contacts, E'\n') AS contacts,
       nullif(concat_ws('; ', CASE WHEN p.shared > 0 THEN grouped(p.shared) || ' of these with other owners' END,
       CASE WHEN p.is_nobody THEN 'these have no owner: certsweep owners import FILE'
            WHEN coalesce(cardinality(array_remove(t.contacts, NULL)), 0) = 0 THEN 'no contact is known'
            WHEN NOT EXISTS (SELECT FROM unnest(t.contacts) c WHERE is_mail_address(c)) THEN 'no contact is a mail address: no notice can be sent'
            ELSE nullif(concat_ws('; ', CASE WHEN cardinality(t.contacts) = 1 THEN 'one contact only' END,
                                  (SELECT 'no mail address: ' || string_agg(c, ', ' ORDER BY c) FROM unnest(t.contacts) c WHERE NOT is_mail_address(c))), '') END), '') AS note,
       p.certificates AS certificate_count, p.shared AS shared_count, p.served AS served_count, p.places AS place_count, p.unmanaged AS unmanaged_count, p.expired AS expired_count,
       p.expiring AS expiring_count, p.grave AS grave_count, s.name AS severity,
       CASE WHEN NOT k.is_kept THEN p.next_end
            WHEN p.is_nobody THEN (SELECT n.not_after FROM certificate_now n WHERE n.owner_basis IS NULL AND n.is_leaf AND n.ends_at >= r.as_of
                                   ORDER BY n.ends_at LIMIT 1)
            ELSE (SELECT min(x.not_after)
                  FROM (SELECT id FROM owner_basis WHERE lower(owner) = lower(p.owner) AND owner = p.owner AND NOT is_of_several(evidence)
                        UNION ALL
                        SELECT id FROM owner_basis WHERE members @> ARRAY[p.owner]) b
                  CROSS JOIN LATERAL (SELECT n.not_after FROM certificate_now n WHERE n.owner_basis = b.id AND n.is_leaf AND n.ends_at >= r.as_of
                                      ORDER BY n.ends_at LIMIT 1) x) END AS not_after,
       array_to_string(t.environments, E'\n') AS environments,
       CASE WHEN p.is_nobody THEN NULL WHEN t.by_rule THEN 'owner rules' ELSE 'managed record' END AS told_by
FROM page p
CROSS JOIN report_as_of r
CROSS JOIN kept k
LEFT JOIN told t ON t.owner = p.owner AND NOT p.is_nobody
LEFT JOIN severity s ON s.rank = p.severity_rank
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, expired_count + grave_count DESC, certificate_count DESC, owner
LIMIT $2::bigint
