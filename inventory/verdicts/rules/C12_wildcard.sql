-- title: Wildcard name
-- version: 1
-- severity: info
-- source: BR 3.2.2.6; wildcards need an approval in many agencies
-- next step: Check that the wildcard was approved, and who holds copies of its key.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C12', s.certificate, 'info',
       jsonb_build_object('names', (SELECT jsonb_agg(n) FROM unnest(f.name_set) n WHERE n LIKE '%*%'))
FROM subject s JOIN certificate_facts f USING (certificate)
WHERE s.is_leaf AND s.has_wildcard
