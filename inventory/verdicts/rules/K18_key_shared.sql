-- title: One key in certificates of different names
-- version: 1
-- severity: medium
-- source: SP 800-57 part 1, 5.2; BR 4.9.1.1 (one compromise takes all)
-- next step: Give each service a key of its own at its next renewal.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K18', s.certificate, 'medium', jsonb_build_object('certificates', g.certificates, 'owners', nullif(g.owners, 0))
FROM (SELECT o.spki_sha256, count(DISTINCT o.certificate) AS certificates, count(DISTINCT w.owner) AS owners
      FROM (SELECT DISTINCT m.spki_sha256 FROM subject t JOIN certificate_own m USING (certificate) WHERE t.is_leaf) k
      JOIN certificate_own o USING (spki_sha256)
      LEFT JOIN known n USING (certificate)
      LEFT JOIN certificate_now c USING (certificate)
      LEFT JOIN (SELECT e.certificate, b.owner FROM endpoint_judged e JOIN owner_basis b ON b.id = e.owner_basis) w
             USING (certificate)
      -- Served now, as this run finds, or as the last one that looked at it.
      WHERE CASE WHEN n.certificate IS NOT NULL THEN n.is_leaf ELSE coalesce(c.is_leaf, false) END
      GROUP BY o.spki_sha256
      HAVING count(DISTINCT o.certificate) > 1 AND count(DISTINCT (o.name_set, coalesce(o.common_names, '{}'))) > 1) g
JOIN certificate_own o USING (spki_sha256)
JOIN subject s USING (certificate)
WHERE s.is_leaf
