-- Names the other owners of each certificate of the letter: who must be asked before it changes, at most five, and how to reach them, as the sender's owner
-- rules have it. Never their places.
UPDATE document_certificate d SET also_at = a.also_at, is_shared = a.is_shared
FROM (SELECT x.certificate,
             string_agg(CASE WHEN x.owner = '' THEN 'nobody named yet' ELSE x.owner || coalesce(' (' || nullif(array_to_string(b.contacts[:3], ', '), '') || ')', '') END
                        || CASE WHEN x.places > 0 THEN ', ' || counted_grouped(x.places, 'place') ELSE '' END
                        || CASE WHEN x.files > 0 THEN ', ' || counted_grouped(x.files, 'file') ELSE '' END, '; ' ORDER BY x.line)
             || CASE WHEN min(x.owners) > count(*) + 1 THEN '; and ' || counted_grouped(min(x.owners) - count(*) - 1, 'more owner') ELSE '' END AS also_at,
             bool_or(x.owner <> '') AS is_shared
      FROM (SELECT s.*, row_number() OVER (PARTITION BY s.certificate ORDER BY s.line) AS other
            FROM document_certificate c JOIN document_shared s USING (certificate) WHERE s.owner <> c.owner) x
      LEFT JOIN owner_basis b ON b.id = x.basis
      WHERE x.other <= 5 OR x.owners = 7          -- "1 more owner" is as long as its name
      GROUP BY x.certificate) a
WHERE a.certificate = d.certificate
