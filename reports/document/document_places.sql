-- Fills document_place. $1 site or NULL, $2 owner: then only certificates that are theirs somewhere, at all of their places; NULL all
INSERT INTO document_place (certificate, endpoint, owner, basis)
SELECT j.certificate, j.endpoint, coalesce(o.owner, ''), j.owner_basis
FROM endpoint_judged j
JOIN site ON site.id = j.site
LEFT JOIN owner_basis o ON o.id = j.owner_basis
WHERE ($1::text IS NULL OR site.name = $1)
  AND ($2::text IS NULL OR j.certificate IN (
           SELECT o.certificate FROM endpoint_judged o
           WHERE o.owner_basis = ANY (ARRAY(SELECT id FROM owner_basis WHERE lower(owner) = lower($2) AND owner = $2))))
UNION ALL
SELECT n.certificate, 0, coalesce(o.owner, ''), n.owner_basis
FROM certificate_now n
LEFT JOIN owner_basis o ON o.id = n.owner_basis
WHERE $1::text IS NULL AND n.hit_count > 0 AND NOT (n.is_leaf AND n.place_count > 0)
  AND ($2::text IS NULL OR n.owner_basis = ANY (ARRAY(SELECT id FROM owner_basis WHERE lower(owner) = lower($2) AND owner = $2)))
