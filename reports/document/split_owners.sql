-- The owners that get a letter: all that have a certificate here, served, in a file or only recorded. Nobody gets one for leafs that nobody has, and for
-- what was found at places that nobody has; a CA that nobody owns makes none by itself: mostly it is somebody else's.
-- Columns: owner ('' none), contacts of what is in the letter: those of most first, at most eight.
WITH held AS MATERIALIZED (
    SELECT p.owner, p.basis, count(*) AS count
    FROM document_place p
    WHERE p.owner <> '' OR p.certificate IN (SELECT certificate FROM certificate_now WHERE is_leaf AND owner_basis IS NULL)
       OR p.endpoint IN (SELECT endpoint FROM finding WHERE endpoint <> 0)
    GROUP BY p.owner, p.basis
), contact AS MATERIALIZED (
    SELECT h.owner, c.contact, row_number() OVER (PARTITION BY h.owner ORDER BY sum(h.count) DESC, c.contact COLLATE "C") AS line
    FROM held h JOIN owner_basis b ON b.id = h.basis CROSS JOIN unnest(b.contacts) c (contact)
    WHERE h.owner <> ''
    GROUP BY h.owner, c.contact
)
SELECT o.owner, (SELECT string_agg(c.contact, ', ' ORDER BY c.line) FILTER (WHERE c.line <= 8) || CASE WHEN count(*) > 8 THEN ' and ' || count(*) - 8 || ' more' ELSE '' END
                 FROM contact c WHERE c.owner = o.owner)
FROM (SELECT DISTINCT owner FROM held) o
ORDER BY o.owner = '', o.owner
