-- title: One key in certificates of different names
-- version: 3
-- severity: medium
-- applies to: any
-- source: SP 800-57 part 1, 5.2; BR 4.9.1.1 (one compromise takes all)
-- next step: Give each service a key of its own at its next renewal.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K18', s.certificate, 'medium', jsonb_build_object('certificates', g.certificates, 'owners', nullif(g.owners, 0),
                                                          'used_for', to_jsonb(g.names))
FROM (SELECT o.spki_sha256, count(DISTINCT o.certificate) AS certificates, count(DISTINCT b.owner) AS owners,
             (array_agg(DISTINCT coalesce(o.common_names[1], o.name_set[1])))[:6] AS names
      FROM key_repeated JOIN certificate_own o USING (spki_sha256)
      JOIN endpoint_judged e USING (certificate)          -- served now; this run has judged the places that it looked at
      LEFT JOIN owner_basis b ON b.id = e.owner_basis
      GROUP BY o.spki_sha256
      HAVING count(DISTINCT o.certificate) > 1 AND count(DISTINCT (o.name_set, coalesce(o.common_names, '{}'))) > 1) g
JOIN certificate_own o USING (spki_sha256)
JOIN subject s USING (certificate)
WHERE s.is_leaf AND EXISTS (SELECT FROM endpoint_judged e WHERE e.certificate = s.certificate)
