-- Records the result of the request to the URL $1: $2 the fault, NULL none. If it differs from the result before,
-- certificates that name the URL are judged again, since the reason of "could not check" changes.
WITH before AS (
    SELECT fault FROM revocation_asked WHERE url = $1
), noted AS (
    INSERT INTO revocation_asked AS a (url, asked_at, fault) VALUES ($1, now(), $2)
    ON CONFLICT (url) DO UPDATE SET asked_at = excluded.asked_at, fault = excluded.fault
    RETURNING fault
)
INSERT INTO dirty
SELECT 1, o.certificate
FROM noted n
JOIN profile p ON $1 = ANY (p.crl_urls) OR $1 = ANY (p.ocsp_urls)
JOIN certificate_own o ON o.profile = p.id
WHERE NOT EXISTS (SELECT FROM before b WHERE b.fault IS NOT DISTINCT FROM n.fault)
