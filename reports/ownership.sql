-- Who is responsible for what, and what has no owner? $1 filter, $2 rows or NULL, $3 and $4 column to sort by, up and down,
-- $5 certificates that can be wanted or NULL. The owner with the most urgent work first; what has no owner is a row of its own.
-- A certificate counts at each of its owners, whole, and a place at its own: rows sum to more than there are (ownership_note.sql). Without a filter the
-- numbers are those that runs keep (owner_count), and what they do not keep is read for the owners of the page alone.
WITH kept AS MATERIALIZED (             -- runs before this version have not counted them so
    SELECT $1::jsonb = '{}' AND EXISTS (SELECT FROM ending_count) AS is_kept
), owned AS MATERIALIZED (
    SELECT w.owner IS NULL AS is_nobody, coalesce(w.owner, '') AS owner, w.certificates, w.shared, w.served, w.unmanaged, w.expired, w.expiring, w.grave,
           w.severity_rank, w.next_end
    FROM owners_counted($1::jsonb, $5::bigint[], (SELECT is_kept FROM kept)) w
), placed AS MATERIALIZED (
    SELECT w.owner IS NULL AS is_nobody, coalesce(w.owner, '') AS owner, w.places FROM owners_placed($1::jsonb, (SELECT is_kept FROM kept)) w
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
    SELECT c.*, owner_shown(CASE WHEN NOT c.is_nobody THEN c.owner END) AS shown
    FROM counted c
    WHERE NOT c.is_nobody OR c.certificates > 0
    ORDER BY c.expired + c.grave DESC, c.certificates DESC, shown
    LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END
), soon AS MATERIALIZED (            -- the next ends of all: most owners of a page have one of them, and need no look-up in each of their sets
    SELECT c.owner, min(n.not_after) AS not_after
    FROM (SELECT n.owner_basis, n.not_after FROM certificate_now n
          WHERE (SELECT is_kept FROM kept) AND n.is_leaf AND n.ends_at >= (SELECT as_of FROM report_as_of) ORDER BY n.ends_at LIMIT 400) n
    CROSS JOIN LATERAL (SELECT b.owner, b.members FROM owner_basis b WHERE b.id = n.owner_basis OFFSET 0) b      -- few: the planner would read all
    CROSS JOIN LATERAL unnest(coalesce(b.members, ARRAY[b.owner])) c (owner)
    GROUP BY c.owner
), based AS MATERIALIZED (
    SELECT o.owner, o.contacts, o.environment, o.evidence
    FROM owner_basis o
    WHERE lower(o.owner) = ANY (ARRAY(SELECT lower(p.owner) FROM page p WHERE NOT p.is_nobody))      -- which the index has
      AND o.owner IN (SELECT p.owner FROM page p WHERE NOT p.is_nobody) AND NOT is_of_several(o.evidence)
      AND is_basis_used(o.id)
), told AS MATERIALIZED (
    SELECT o.owner, array_agg(DISTINCT o.environment) FILTER (WHERE o.environment IS NOT NULL) AS environments,
           bool_or(o.evidence NOT LIKE 'managed record%') AS by_rule
    FROM based o GROUP BY o.owner
), reached AS MATERIALIZED (            -- in the order of their rules, as everywhere
    SELECT c.owner, array_agg(c.contact ORDER BY c.place, c.contact COLLATE "C") AS contacts
    FROM (SELECT o.owner, u.contact, min(u.place) AS place FROM based o CROSS JOIN LATERAL unnest(o.contacts) WITH ORDINALITY u (contact, place)
          GROUP BY o.owner, u.contact) c
    GROUP BY c.owner
)
SELECT * FROM (
SELECT p.shown AS owner, array_to_string(h.contacts, E'\n') AS contacts,
       nullif(concat_ws('; ', CASE WHEN p.shared > 0 THEN grouped(p.shared) || ' of these with other owners' END,
       CASE WHEN p.is_nobody THEN 'these have no owner: certsweep owners import FILE'
            WHEN coalesce(cardinality(h.contacts), 0) = 0 THEN 'no contact is known'
            WHEN NOT EXISTS (SELECT FROM unnest(h.contacts) c WHERE is_mail_address(c)) THEN 'no contact is a mail address: no notice can be sent'
            ELSE nullif(concat_ws('; ', CASE WHEN cardinality(h.contacts) = 1 THEN 'one contact only' END,
                                  (SELECT 'no mail address: ' || string_agg(c, ', ' ORDER BY place) 
                                   FROM unnest(h.contacts) WITH ORDINALITY c (c, place)
                                   WHERE NOT is_mail_address(c))), '') END), '') AS note,
       p.certificates AS certificate_count, p.shared AS shared_count, p.served AS served_count, p.places AS place_count,
           p.unmanaged AS unmanaged_count, p.expired AS expired_count,
       p.expiring AS expiring_count, p.grave AS grave_count, s.name AS severity,
       CASE WHEN NOT k.is_kept THEN p.next_end
            WHEN p.is_nobody THEN (SELECT n.not_after FROM certificate_now n WHERE n.owner_basis IS NULL AND n.is_leaf AND n.ends_at >= r.as_of
                                   ORDER BY n.ends_at LIMIT 1)
            WHEN soon.not_after IS NOT NULL THEN soon.not_after
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
LEFT JOIN reached h ON h.owner = p.owner AND NOT p.is_nobody
LEFT JOIN soon ON soon.owner = p.owner AND NOT p.is_nobody
LEFT JOIN severity s ON s.rank = p.severity_rank
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, expired_count + grave_count DESC, certificate_count DESC, owner
LIMIT $2::bigint
