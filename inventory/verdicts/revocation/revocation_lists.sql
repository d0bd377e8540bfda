-- Which lists are to be requested? $1: also those requested less than an hour ago. Columns: URL or file, is it a
-- file. Of certificates that have not ended and whose issuer has a path, and what the policy names for a CA (in
-- place of an ldap pointer, for example).
WITH vouched AS (
    SELECT DISTINCT authority FROM ca_path WHERE fault IS NULL
), pointed AS (
    SELECT DISTINCT o.profile FROM edge e JOIN vouched USING (authority) JOIN certificate_own o ON o.certificate = e.child
    WHERE o.not_after > now()
), named (url) AS (
    SELECT u.url FROM pointed JOIN profile p ON p.id = pointed.profile CROSS JOIN LATERAL unnest(p.crl_urls) u (url) WHERE u.url ~* '^https?:'
    UNION
    SELECT l.place FROM policy_current c
    CROSS JOIN LATERAL jsonb_array_elements(coalesce(c.document -> 'own_cas', '[]') || coalesce(c.document -> 'approved_cas', '[]')) ca
    CROSS JOIN LATERAL jsonb_array_elements_text(coalesce(ca.value -> 'crls', '[]')) l (place)
)
SELECT n.url, n.url !~* '^https?:' FROM named n
WHERE $1::boolean OR NOT EXISTS (SELECT FROM revocation_asked a WHERE a.url = n.url AND a.fault IS NULL AND a.asked_at > now() - interval '1 hour')
ORDER BY 2, 1
LIMIT 5000
