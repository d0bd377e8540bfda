-- How many certificates does each own and approved CA of the policy in force match, CA certificates aside? Columns: kind, name,
-- matches, certificates; attributes: how many each of its conditions alone matches, where all of them together match none.
WITH rule AS (
    SELECT k.kind, coalesce(r ->> 'name', k.kind) AS name, (r ->> 'from')::timestamptz AS valid_from, (r ->> 'until')::timestamptz AS valid_to,
           coalesce((SELECT array_agg(glob_like(x)) FROM jsonb_array_elements_text(r -> 'issuer') x), '{}') AS issuer,
           coalesce((SELECT array_agg(glob_like(x)) FROM jsonb_array_elements_text(r -> 'subject') x), '{}') AS subject,
           coalesce(r -> 'issuer', '[]') AS issuer_text, coalesce(r -> 'subject', '[]') AS subject_text
    FROM policy_current p, (VALUES ('own'), ('approved')) k (kind),
         unnest(ARRAY(SELECT jsonb_array_elements(coalesce(p.document -> (k.kind || '_cas'), '[]')))) r
), leaf AS (
    SELECT o.profile, coalesce(p.issuer_attributes, '{}') AS issuer_attributes, o.certificates
    FROM (SELECT profile, count(*) AS certificates FROM certificate_own GROUP BY profile) o
    JOIN profile p ON p.id = o.profile WHERE NOT p.is_ca
), fitting AS (         -- issuers are few
    SELECT r.kind, r.name, i.issuer_attributes
    FROM rule r JOIN (SELECT DISTINCT issuer_attributes FROM leaf) i
      ON NOT EXISTS (SELECT FROM unnest(r.issuer) g WHERE NOT EXISTS (SELECT FROM unnest(i.issuer_attributes) a WHERE a ILIKE g))
), by_issuer AS (
    SELECT f.kind, f.name, l.profile, l.certificates
    FROM fitting f JOIN leaf l USING (issuer_attributes)
), matched AS (
    SELECT r.kind, r.name, sum(b.certificates) AS matches
    FROM rule r JOIN by_issuer b USING (kind, name)
    WHERE r.subject = '{}' AND r.valid_from IS NULL AND r.valid_to IS NULL GROUP BY r.kind, r.name
    UNION ALL
    SELECT r.kind, r.name, count(*)
    FROM rule r JOIN by_issuer b USING (kind, name) JOIN certificate_own o USING (profile)
    WHERE NOT (r.subject = '{}' AND r.valid_from IS NULL AND r.valid_to IS NULL)
      AND o.not_before >= coalesce(r.valid_from, '-infinity') AND o.not_before < coalesce(r.valid_to, 'infinity')
      AND NOT EXISTS (SELECT FROM unnest(r.subject) g WHERE NOT EXISTS (SELECT FROM unnest(o.subject_attributes) a WHERE a ILIKE g))
    GROUP BY r.kind, r.name
)
SELECT r.kind, r.name, coalesce(m.matches, 0) AS matches, (SELECT coalesce(sum(certificates), 0) FROM leaf) AS certificates,
       CASE WHEN m.matches IS NULL THEN concat_ws(', ',
           (SELECT string_agg('issuer ' || x.text || ': ' || coalesce((SELECT sum(l.certificates) FROM leaf l
                WHERE EXISTS (SELECT FROM unnest(l.issuer_attributes) a WHERE a ILIKE glob_like(x.text))), 0), ', ')
            FROM jsonb_array_elements_text(r.issuer_text) x (text)),
           (SELECT string_agg('subject ' || x.text || ': ' || (SELECT count(*) FROM leaf l JOIN certificate_own o USING (profile)
                WHERE EXISTS (SELECT FROM unnest(o.subject_attributes) a WHERE a ILIKE glob_like(x.text))), ', ')
            FROM jsonb_array_elements_text(r.subject_text) x (text))) END AS attributes
FROM rule r LEFT JOIN matched m USING (kind, name)
ORDER BY r.kind = 'own' DESC, r.name
