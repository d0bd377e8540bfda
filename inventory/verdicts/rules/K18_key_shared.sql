-- title: One key in certificates of different names
-- version: 1
-- severity: medium
-- source: SP 800-57 part 1, 5.2; BR 4.9.1.1 (one compromise takes all)
-- next step: Give each service a key of its own at its next renewal.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K18', s.certificate, 'medium', jsonb_build_object('certificates', k.certificates, 'owners', nullif(k.owners, 0))
FROM (SELECT o.spki_sha256, count(DISTINCT o.certificate) AS certificates, count(DISTINCT w.owner) AS owners
      FROM subject s JOIN certificate_own o USING (certificate)
      LEFT JOIN ownership w USING (certificate)
      WHERE s.is_leaf AND o.spki_sha256 IS NOT NULL
      GROUP BY o.spki_sha256
      HAVING count(DISTINCT o.certificate) > 1 AND count(DISTINCT (o.name_set, coalesce(o.common_names, '{}'))) > 1) k
JOIN certificate_own o USING (spki_sha256)
JOIN subject s USING (certificate)
WHERE s.is_leaf
