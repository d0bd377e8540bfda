-- Which roots of a store ($1: public or known) does the database hold? Those that the policy names, and of "known" the
-- self-issued CA certificates of the managed set. Column: DER.
SELECT c.der
FROM policy_current p, jsonb_array_elements(coalesce(p.document -> 'trust_stores', '[]')) s,
     jsonb_array_elements_text(s -> 'certificates') hash
JOIN certificate c ON c.sha256 = decode(hash, 'hex')
WHERE s ->> 'kind' = CASE $1 WHEN 'public' THEN 'public' ELSE 'private' END
UNION
SELECT c.der
FROM managed_record r
JOIN certificate c ON c.sha256 = r.sha256
JOIN certificate_facts f ON f.certificate = c.id
WHERE $1 = 'known' AND r.valid_to IS NULL AND f.is_ca AND f.is_self_issued
