-- Adds to document_certificate what of the owner ($1, '' nobody) no endpoint serves: it lies in their files, or is recorded alone, whether or not
-- its certificate is known. After the items, since nobody renews it for a server.
INSERT INTO document_certificate (certificate, name, owner, basis, record, issuer_name, issuer, not_after, is_served)
SELECT n.certificate, n.name, $1, p.basis, coalesce(n.record, 'not judged'), n.issuer_name, n.issuer, n.not_after, false
FROM (SELECT certificate, min(basis) AS basis FROM document_place WHERE endpoint = 0 AND owner = $1 GROUP BY certificate) p
JOIN certificate_now n USING (certificate)
WHERE n.is_leaf AND n.place_count = 0 AND ($1 <> '' OR n.owner_basis IS NULL)
UNION ALL
SELECT q.subject, q.name, $1, q.basis, 'managed', q.issuer_name, NULL, q.not_after, false FROM document_record q WHERE q.owner = $1
