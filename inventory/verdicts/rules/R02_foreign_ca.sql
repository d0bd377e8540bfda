-- title: Issued by a foreign CA, though the policy forbids it or the name is ours
-- version: 1
-- severity: medium
-- applies to: any
-- needs: own
-- source: policy: forbid_foreign, own_suffixes
-- next step: Replace it with a certificate of your own or an approved CA, or have its CA approved.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'R02', a.certificate, CASE WHEN j.foreign_forbidden THEN 'medium' ELSE 'low' END,
       jsonb_build_object('issuer', f.issuer, 'own_names', ours.names)
FROM judging j, axes a JOIN subject s USING (certificate) JOIN certificate_facts f USING (certificate)
CROSS JOIN LATERAL (
    SELECT jsonb_agg(n) AS names FROM unnest(f.dns_names) n
    WHERE EXISTS (SELECT FROM unnest(j.own_suffixes) x WHERE n = x OR right(n, length(x) + 1) = '.' || x)) ours
WHERE a.issuer = 'foreign' AND (j.foreign_forbidden OR j.own_suffixes <> '{}')
  AND (j.foreign_forbidden OR ours.names IS NOT NULL)
