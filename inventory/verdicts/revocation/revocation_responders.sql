-- For which certificates is a responder to be asked? $1 their number at most. Served now or recorded as managed,
-- not ended, with an issuer that has a path and an OCSP URL over http or https, and covered by no current list and no
-- current answer; the least recently asked first. Columns: certificate as DER, SHA-1 of its issuer's key, the first
-- such URL.
WITH vouched AS (
    SELECT DISTINCT authority FROM ca_path WHERE fault IS NULL
)
SELECT d.der, a.key_sha1, u.url
FROM edge e
JOIN vouched USING (authority)
JOIN authority a ON a.id = e.authority
JOIN certificate_own o ON o.certificate = e.child
JOIN profile p ON p.id = o.profile
JOIN certificate d ON d.id = e.child
CROSS JOIN LATERAL (SELECT url FROM unnest(p.ocsp_urls) WITH ORDINALITY x (url, n) WHERE url ~* '^https?:' ORDER BY n LIMIT 1) u
LEFT JOIN ocsp_good g ON g.authority = e.authority AND g.serial_number = o.serial_number
WHERE o.not_after > now() AND p.ocsp_urls <> '{}'
  AND (g.next_update IS NULL OR g.next_update <= now())
  AND (EXISTS (SELECT FROM chain c JOIN answer_now s ON s.chain = c.id AND s.closed_at IS NULL WHERE c.leaf = e.child)
       OR EXISTS (SELECT FROM managed_record r JOIN certificate c ON c.sha256 = r.sha256 WHERE c.id = e.child AND r.valid_to IS NULL))
  AND NOT EXISTS (SELECT FROM crl c WHERE c.authority = e.authority AND c.is_complete AND c.this_update <= now() AND now() < c.next_update
                    AND c.scope IN ('all', 'users') AND (c.points = '{}' OR c.points && p.crl_urls))
  AND NOT EXISTS (SELECT FROM revocation r WHERE r.authority = e.authority AND r.serial_number = o.serial_number AND r.released_at IS NULL)
ORDER BY g.this_update NULLS FIRST, e.child
LIMIT $1::bigint
