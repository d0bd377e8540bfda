-- The owners that get a letter: all that have a certificate here, served, in a file or only recorded, whether or not its certificate is known.
-- Nobody gets one for leafs that nobody has, for what was found at places that nobody has, and for a CA that nobody has, where what was found of it
-- has a day: as the document counts it. $1 site or NULL. Columns: owner ('' none), contacts of what is in the letter: at most eight, those of
-- most, in the order of their rules, as everywhere.
WITH held AS MATERIALIZED (
    SELECT p.owner, p.basis, count(*) AS count
    FROM document_place p
    WHERE p.owner <> '' OR p.certificate IN (SELECT certificate FROM certificate_now WHERE is_leaf AND owner_basis IS NULL)
       OR p.endpoint IN (SELECT endpoint FROM finding WHERE endpoint <> 0)
       OR (p.endpoint = 0 AND p.certificate IN (SELECT f.certificate FROM finding f CROSS JOIN due_setting s
                                                JOIN certificate_now n USING (certificate)
                                                WHERE NOT n.is_leaf AND f.endpoint = 0
                                                  AND finding_act_by(f.rule, f.severity_rank, f.since, 'infinity', NULL, s.act_days,
                                                                     s.zone) IS NOT NULL))
    GROUP BY p.owner, p.basis
    UNION ALL
    SELECT '', NULL, 1                  -- what was found where nothing is shown
    WHERE EXISTS (SELECT FROM finding f JOIN endpoint e ON e.id = f.endpoint JOIN site ON site.id = e.site
                  WHERE f.endpoint <> 0 AND ($1::text IS NULL OR site.name = $1) AND NOT EXISTS (SELECT FROM document_place p
                      WHERE p.endpoint = f.endpoint))
    UNION ALL
    SELECT owner, basis, count(*) FROM document_record GROUP BY owner, basis
), contact AS MATERIALIZED (
    SELECT h.owner, c.contact, min(c.place) AS place,
           row_number() OVER (PARTITION BY h.owner ORDER BY sum(h.count) DESC, min(c.place), c.contact COLLATE "C") AS line
    FROM held h JOIN owner_basis b ON b.id = h.basis CROSS JOIN unnest(b.contacts) WITH ORDINALITY c (contact, place)
    WHERE h.owner <> ''
    GROUP BY h.owner, c.contact
)
SELECT o.owner, (SELECT string_agg(c.contact, ', ' ORDER BY c.place, c.contact COLLATE "C") FILTER (WHERE c.line <= 8)
                        || CASE WHEN count(*) > 8 THEN ' and ' || count(*) - 8 || ' more' ELSE '' END
                 FROM contact c WHERE c.owner = o.owner)
FROM (SELECT DISTINCT owner FROM held) o
ORDER BY o.owner = '', o.owner
