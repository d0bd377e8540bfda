-- Whose are the certificates that are meant, at each place that serves them and in each file where they count, as the last run of
-- reconcile found: the answer that reports print. $1 hash (its beginning), $2 address, $3 port, $4 server name or name of the certificate,
-- $5 site, $6 host and $7 path of a file; NULL: any. Last those that are nowhere.
SELECT n.name, st.name AS site, place_text(e.address, e.port, e.server_name) AS place, b.owner, array_to_string(b.contacts, E'\n') AS contacts,
       b.environment, b.evidence AS because, encode(n.sha256, 'hex') AS sha256
FROM endpoint_judged j
JOIN certificate_now n ON n.certificate = j.certificate
JOIN endpoint e ON e.id = j.endpoint
JOIN site st ON st.id = e.site
LEFT JOIN owner_basis b ON b.id = j.owner_basis
WHERE ($1::text IS NULL OR encode(n.sha256, 'hex') LIKE $1 || '%') AND ($2::inet IS NULL OR e.address = $2::inet)
  AND ($3::integer IS NULL OR e.port = $3::integer) AND ($4::text IS NULL OR e.server_name = lower($4) OR lower(n.name) = lower($4))
  AND ($5::text IS NULL OR st.name = $5) AND $6::text IS NULL
UNION ALL
SELECT n.name, st.name, file_place_text(p.host, p.path, p.inside), b.owner, array_to_string(b.contacts, E'\n'), b.environment, b.evidence,
       encode(n.sha256, 'hex')
FROM file_judged j
JOIN certificate_now n ON n.certificate = j.certificate
JOIN file_place p ON p.id = j.place
JOIN site st ON st.id = j.site
LEFT JOIN owner_basis b ON b.id = j.owner_basis
WHERE ($1::text IS NULL OR encode(n.sha256, 'hex') LIKE $1 || '%') AND $2::inet IS NULL AND ($4::text IS NULL OR lower(n.name) = lower($4))
  AND ($5::text IS NULL OR st.name = $5) AND ($6::text IS NULL OR p.host = $6) AND ($7::text IS NULL OR p.path = $7)
UNION ALL
SELECT n.name, NULL, NULL, b.owner, array_to_string(b.contacts, E'\n'), b.environment, b.evidence, encode(n.sha256, 'hex')
FROM certificate_now n
LEFT JOIN owner_basis b ON b.id = n.owner_basis
WHERE n.is_leaf AND n.place_count = 0 AND $2::inet IS NULL AND $5::text IS NULL AND $6::text IS NULL
  AND ($1::text IS NULL OR encode(n.sha256, 'hex') LIKE $1 || '%') AND ($4::text IS NULL OR lower(n.name) = lower($4))
  AND NOT EXISTS (SELECT FROM file_judged f WHERE f.certificate = n.certificate)
ORDER BY 1, 2 NULLS LAST, 3, 8
