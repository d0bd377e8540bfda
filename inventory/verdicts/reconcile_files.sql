-- Whose each certificate in scope is in each file where it counts, and whose the files are in which its key lies readable by all (K21). Only rows
-- that differ are written.
CREATE TEMP TABLE new_file AS
SELECT f.place, f.certificate, f.site, coalesce(CASE WHEN NOT o.is_after_record THEN o.basis END, m.basis, o.basis) AS owner_basis,
       k.is_there IS NOT FALSE AS is_there, k.place IS NOT NULL AS is_key
FROM owner_at_file f
LEFT JOIN owner_asked_key k ON k.place = f.place AND k.certificate = f.certificate
LEFT JOIN owner_rule_now o ON o.line = f.line
LEFT JOIN owner_record m ON m.certificate = f.certificate;
ANALYZE new_file;

CREATE TEMP TABLE ended_file AS
SELECT o.place, o.certificate
FROM scope_certificate x
JOIN file_judged o USING (certificate)
LEFT JOIN new_file n ON n.place = o.place AND n.certificate = o.certificate AND n.is_there
WHERE n.place IS NULL OR n.site <> o.site OR n.owner_basis IS DISTINCT FROM o.owner_basis;
DELETE FROM file_judged o USING ended_file e WHERE e.place = o.place AND e.certificate = o.certificate;
INSERT INTO file_judged (place, certificate, site, owner_basis)
SELECT n.place, n.certificate, n.site, n.owner_basis
FROM new_file n LEFT JOIN file_judged o ON o.place = n.place AND o.certificate = n.certificate
WHERE n.is_there AND o.place IS NULL
ORDER BY n.place, n.certificate;
INSERT INTO written SELECT 'file_judged', count(*) FROM ended_file;

DELETE FROM key_judged o USING scope_certificate x
WHERE x.certificate = o.certificate
  AND NOT EXISTS (SELECT FROM new_file n WHERE n.place = o.place AND n.certificate = o.certificate AND n.is_key
                  AND n.owner_basis IS NOT DISTINCT FROM o.owner_basis);
INSERT INTO key_judged (place, certificate, site, owner_basis)
SELECT n.place, n.certificate, n.site, n.owner_basis
FROM new_file n LEFT JOIN key_judged o ON o.place = n.place AND o.certificate = n.certificate
WHERE n.is_key AND o.place IS NULL
ORDER BY n.place, n.certificate;
