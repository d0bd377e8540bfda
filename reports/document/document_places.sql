-- Fills document_place. $1 site or NULL, $2 owner: then only certificates that are theirs somewhere (document_theirs), at all of their places; NULL all;
-- $3 whether for letters, which tell of what is only recorded or lies in files alone, too: else these stand for findings alone.
WITH own AS MATERIALIZED (
    SELECT id FROM owner_basis WHERE lower(owner) = lower($2) AND owner = $2 AND NOT is_of_several(evidence)
)
INSERT INTO document_place (certificate, endpoint, owner, basis, is_theirs, file, is_key)
SELECT j.certificate, j.endpoint, coalesce(o.owner, ''), j.owner_basis, $2::text IS NULL OR coalesce(o.owner = $2, false), NULL::bigint, false
FROM (SELECT certificate, endpoint, site, owner_basis FROM endpoint_judged WHERE $2::text IS NULL
      UNION ALL
      SELECT certificate, endpoint, site, owner_basis FROM document_theirs JOIN endpoint_judged USING (certificate)) j
JOIN site ON site.id = j.site
LEFT JOIN owner_basis o ON o.id = j.owner_basis
WHERE $1::text IS NULL OR site.name = $1
UNION ALL
SELECT j.certificate, 0, coalesce(o.owner, ''), j.owner_basis, true, j.place, false
FROM file_judged j
JOIN site ON site.id = j.site
JOIN certificate_now n ON n.certificate = j.certificate
LEFT JOIN owner_basis o ON o.id = j.owner_basis
WHERE ($1::text IS NULL OR site.name = $1) AND ($3::boolean OR (n.is_leaf AND n.place_count > 0) OR n.hit_count > 0)
  AND ($2::text IS NULL OR j.owner_basis = ANY (ARRAY(SELECT id FROM own)))
UNION ALL
SELECT k.certificate, 0, coalesce(o.owner, ''), k.owner_basis, true, k.place, true
FROM key_judged k
JOIN site ON site.id = k.site
LEFT JOIN owner_basis o ON o.id = k.owner_basis
WHERE ($1::text IS NULL OR site.name = $1) AND ($2::text IS NULL OR k.owner_basis = ANY (ARRAY(SELECT id FROM own)))
  AND NOT EXISTS (SELECT FROM file_judged f WHERE f.place = k.place AND f.certificate = k.certificate)
UNION ALL
SELECT n.certificate, 0, coalesce(o.owner, ''), n.owner_basis, true, NULL, false
FROM certificate_now n
LEFT JOIN owner_basis o ON o.id = n.owner_basis
WHERE CASE WHEN $1::text IS NULL
           THEN NOT (n.is_leaf AND n.place_count > 0) AND (n.hit_count > 0 OR ($3::boolean AND n.is_leaf))
                AND NOT EXISTS (SELECT FROM file_judged j WHERE j.certificate = n.certificate)
           -- of a site: the CAs above what it serves, which that table has where they are neither served nor in a file there
           ELSE n.certificate IN (SELECT a.certificate FROM site_ca a JOIN site ON site.id = a.site WHERE site.name = $1) END
  AND ($2::text IS NULL OR n.owner_basis = ANY (ARRAY(SELECT id FROM own)))
