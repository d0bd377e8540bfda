-- title: Whether it was revoked could not be checked
-- version: 3
-- severity: info
-- applies to: any
-- source: RFC 5280, 6.3; RFC 6960
-- next step: Give the CA's current revocation list (certsweep reconcile --crl FILE) or let it be fetched (certsweep reconcile --fetch-crls --ask-ocsp). Asked only where lists are given or fetched at all.
WITH asked AS (
    SELECT EXISTS (SELECT FROM crl) OR EXISTS (SELECT FROM revocation_asked) AS lists),
current AS (         -- complete lists of that day
    SELECT c.authority, c.scope, c.points FROM judging j, crl c
    WHERE c.is_complete AND c.this_update <= j.as_of AND j.as_of < c.next_update),
vouched AS (SELECT DISTINCT authority FROM ca_path WHERE fault IS NULL)
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'H10', s.certificate, 'info',
       jsonb_strip_nulls(jsonb_build_object('issuer', f.issuer, 'reason', CASE
           WHEN EXISTS (SELECT FROM current c WHERE c.authority = e.authority) THEN 'the current lists do not cover it'
           WHEN EXISTS (SELECT FROM crl c WHERE c.authority = e.authority) THEN 'no list of its issuer is current and complete'
           ELSE 'there is no list of its issuer' END, 'not_fetched', coalesce(
               (SELECT min(a.url || ': ' || a.fault) FROM revocation_asked a WHERE a.fault IS NOT NULL AND a.url = ANY (f.crl_urls || f.ocsp_urls)),
               (SELECT min(u) || ': only http and https are asked; the policy can name a file or such a URL for its CA (crl)'
                FROM unnest(f.crl_urls) u HAVING NOT bool_or(u ~* '^https?:')))))
FROM judging j, asked, subject s
JOIN certificate_facts f USING (certificate)
JOIN edge e ON e.child = s.certificate
JOIN vouched v ON v.authority = e.authority
WHERE asked.lists AND s.is_leaf AND (f.crl_urls <> '{}' OR f.ocsp_urls <> '{}')
  AND NOT EXISTS (SELECT FROM current c WHERE c.authority = e.authority
                    AND (c.scope = 'all' OR c.scope = CASE WHEN f.is_ca THEN 'cas' ELSE 'users' END)
                    AND (c.points = '{}' OR c.points && f.crl_urls))
  AND NOT EXISTS (SELECT FROM ocsp_good g WHERE g.authority = e.authority AND g.serial_number = f.serial_number
                    AND g.this_update <= j.as_of AND j.as_of < g.next_update)
  AND NOT EXISTS (SELECT FROM revocation r WHERE r.authority = e.authority AND r.serial_number = f.serial_number
                    AND r.revoked_at <= j.as_of AND (r.released_at IS NULL OR r.released_at > j.as_of))
