-- Whose each certificate in scope is in each file where it counts. Only rows that differ are written.
CREATE TEMP TABLE new_file AS
SELECT f.place, f.certificate, f.site, coalesce(CASE WHEN NOT o.is_after_record THEN o.basis END, m.basis, o.basis) AS owner_basis
FROM owner_at_file f
LEFT JOIN owner_rule_now o ON o.line = f.line
LEFT JOIN owner_record m ON m.certificate = f.certificate;
ANALYZE new_file;

CREATE TEMP TABLE ended_file AS
SELECT o.place, o.certificate
FROM scope_certificate x
JOIN file_judged o USING (certificate)
LEFT JOIN new_file n ON n.place = o.place AND n.certificate = o.certificate
WHERE n.place IS NULL OR n.site <> o.site OR n.owner_basis IS DISTINCT FROM o.owner_basis;
DELETE FROM file_judged o USING ended_file e WHERE e.place = o.place AND e.certificate = o.certificate;
INSERT INTO file_judged (place, certificate, site, owner_basis)
SELECT n.place, n.certificate, n.site, n.owner_basis
FROM new_file n LEFT JOIN file_judged o ON o.place = n.place AND o.certificate = n.certificate
WHERE o.place IS NULL
ORDER BY n.place, n.certificate;
INSERT INTO written SELECT 'file_judged', count(*) FROM ended_file;
