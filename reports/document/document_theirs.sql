-- Fills document_theirs: the certificates that an owner ($1; NULL: none) has at a place.
INSERT INTO document_theirs (certificate)
SELECT DISTINCT j.certificate
FROM owner_basis o JOIN endpoint_judged j ON j.owner_basis = o.id
WHERE lower(o.owner) = lower($1) AND o.owner = $1 AND NOT is_of_several(o.evidence)
