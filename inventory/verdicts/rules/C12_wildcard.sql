-- title: Wildcard name
-- version: 2
-- severity: info
-- applies to: server, unknown
-- source: BR 3.2.2.6 (none of a public suffix); policy: wildcard_needs_approval
-- next step: Check that the wildcard was approved, and who holds copies of its key.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C12', s.certificate,
       CASE WHEN x.is_public_suffix THEN 'high' WHEN j.wildcard_needs_approval AND a.record = 'unmanaged' THEN 'medium' ELSE 'info' END,
       jsonb_build_object('names', (SELECT jsonb_agg(n) FROM unnest(o.name_set) n WHERE n LIKE '%*%'),
                          'of_public_suffix', nullif(x.is_public_suffix, false),
                          'approval', CASE WHEN j.wildcard_needs_approval AND a.record = 'unmanaged' THEN 'neither a record nor a decision' END)
FROM judging j CROSS JOIN subject s JOIN certificate_own o USING (certificate) LEFT JOIN axes a USING (certificate)
CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM unnest(o.name_faults) n WHERE n LIKE 'wildcard of a public suffix%') AS is_public_suffix) x
WHERE s.is_leaf AND s.has_wildcard
