-- Fills document_place. $1 site or NULL
INSERT INTO document_place (certificate, endpoint, owner, basis)
SELECT j.certificate, j.endpoint, coalesce(o.owner, ''), j.owner_basis
FROM endpoint_judged j
JOIN site ON site.id = j.site
LEFT JOIN owner_basis o ON o.id = j.owner_basis
WHERE $1::text IS NULL OR site.name = $1
UNION ALL
SELECT n.certificate, 0, coalesce(o.owner, ''), n.owner_basis
FROM certificate_now n
LEFT JOIN owner_basis o ON o.id = n.owner_basis
WHERE $1::text IS NULL AND n.hit_count > 0 AND NOT (n.is_leaf AND n.place_count > 0)
