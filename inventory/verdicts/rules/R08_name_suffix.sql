-- title: A name outside the allowed suffixes, or with a prohibited one
-- version: 3
-- severity: medium
-- applies to: any
-- source: policy: allowed_suffixes, prohibited_suffixes, prohibited_characters
-- next step: Move the service to a name below an allowed suffix, or have the suffix allowed.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'R08', a.certificate, 'medium',
       jsonb_build_object('names', bad.names, 'allowed_suffixes', to_jsonb(nullif(j.allowed_suffixes[:10], '{}')),
                          'prohibited_suffixes', to_jsonb(nullif(j.prohibited_suffixes[:10], '{}')),
                          'prohibited_characters', to_jsonb(nullif(j.prohibited_characters[:10], '{}')))
FROM judging j, axes a JOIN subject s USING (certificate) JOIN certificate_facts f USING (certificate)
CROSS JOIN LATERAL (
    SELECT jsonb_agg(n) AS names FROM unnest(f.dns_names) n
    WHERE (j.allowed_suffixes <> '{}' AND NOT EXISTS (
               SELECT FROM unnest(j.allowed_suffixes) x WHERE n = x OR right(n, length(x) + 1) = '.' || x))
       OR EXISTS (SELECT FROM unnest(j.prohibited_suffixes) x WHERE n = x OR right(n, length(x) + 1) = '.' || x)
       OR EXISTS (SELECT FROM unnest(j.prohibited_characters) x WHERE position(x IN n) > 0)) bad
WHERE s.is_leaf AND (a.record = 'managed' OR a.issuer = 'own')
  AND (j.allowed_suffixes <> '{}' OR j.prohibited_suffixes <> '{}' OR j.prohibited_characters <> '{}') AND bad.names IS NOT NULL
