-- title: Key not changed at renewal
-- version: 1
-- severity: low
-- applies to: any
-- source: SP 800-57 part 1, 5.3 (a key has a lifetime, too)
-- next step: Let the next renewal make a new key.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K19', n.certificate, 'low', jsonb_build_object('key_used_since', k.first_from, 'certificates', k.certificates)
FROM (SELECT o.spki_sha256, o.name_set, coalesce(o.common_names, '{}') AS common_names, min(o.not_before) AS first_from,
             count(*) AS certificates
      FROM key_repeated JOIN certificate_own o USING (spki_sha256)
      GROUP BY 1, 2, 3
      HAVING count(*) > 1) k
JOIN certificate_own n ON n.spki_sha256 = k.spki_sha256 AND n.name_set = k.name_set AND coalesce(n.common_names, '{}') = k.common_names
JOIN subject s USING (certificate)
WHERE s.is_leaf AND n.not_before > k.first_from
