-- Marks these certificates ($1), and all others with the same keys, to be judged again.
INSERT INTO dirty (kind, id)
SELECT 1, n.certificate FROM certificate_own n WHERE n.certificate = ANY ($1::bigint[])
UNION
SELECT 1, o.certificate
FROM (SELECT DISTINCT spki_sha256 FROM certificate_own WHERE certificate = ANY ($1::bigint[])) k
JOIN certificate_own o USING (spki_sha256)
