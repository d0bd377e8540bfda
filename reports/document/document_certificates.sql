-- Fills document_certificate with what is served. $1 owner, NULL all: then a certificate counts for its owner, wherever else it is served, or for the one in
-- whose file it lies. '': what nobody has; a certificate that somebody has at another place is theirs.
INSERT INTO document_certificate (certificate, name, owner, basis, record, issuer_name, issuer, not_after)
SELECT n.certificate, n.name, coalesce($1, o.owner, ''), coalesce(p.basis, n.owner_basis),
       coalesce(n.record, 'not judged'),
       n.issuer_name, n.issuer, n.not_after
FROM (SELECT certificate, CASE WHEN $1::text IS NOT NULL THEN min(basis) END AS basis FROM document_place
      WHERE (endpoint <> 0 OR file IS NOT NULL) AND NOT is_key AND ($1 IS NULL OR owner = $1) GROUP BY certificate) p
JOIN certificate_now n USING (certificate)
LEFT JOIN owner_basis o ON o.id = n.owner_basis
WHERE n.is_leaf AND n.place_count > 0 AND ($1 IS DISTINCT FROM '' OR n.owner_basis IS NULL)
