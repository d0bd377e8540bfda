-- After now_count: which CA certificates with findings stand above the leaves of each site, and what these findings add to the numbers of the
-- site. Authorities, sites and such findings are few, so all are looked at in every run.
CREATE TEMP TABLE new_site_ca AS
WITH RECURSIVE above (site, authority) AS (
    SELECT site, value::bigint FROM now_count WHERE subject = 'authority'
    UNION
    SELECT a.site, c.issuer FROM above a JOIN authority_certificate c USING (authority) WHERE c.issuer IS NOT NULL
)
SELECT DISTINCT c.certificate, a.site
FROM above a JOIN authority_certificate c USING (authority)
WHERE EXISTS (SELECT FROM finding f WHERE f.certificate = c.certificate AND f.endpoint = 0)
  AND NOT EXISTS (SELECT FROM endpoint_judged j WHERE j.certificate = c.certificate AND j.site = a.site)
  AND NOT EXISTS (SELECT FROM file_judged j WHERE j.certificate = c.certificate AND j.site = a.site);
ANALYZE new_site_ca;
DELETE FROM site_ca o WHERE NOT EXISTS (SELECT FROM new_site_ca n WHERE n.certificate = o.certificate AND n.site = o.site);
INSERT INTO site_ca (certificate, site) SELECT certificate, site FROM new_site_ca EXCEPT SELECT certificate, site FROM site_ca;

CREATE TEMP TABLE new_site_ca_count AS
WITH found AS (
    SELECT s.site, s.certificate, f.rule, f.severity_rank
    FROM new_site_ca s JOIN finding f ON f.certificate = s.certificate AND f.endpoint = 0
)
SELECT site, subject COLLATE "C" AS subject, value COLLATE "C" AS value, count(*) AS count
FROM (SELECT site, 'rule' AS subject, rule AS value FROM found
      UNION ALL SELECT f.site, 'severity', s.name FROM found f JOIN severity s ON s.rank = f.severity_rank
      UNION ALL SELECT site, 'weak', 'findings' FROM found WHERE is_weak_rule(rule) AND severity_rank < 5
      UNION ALL SELECT site, 'weak', 'subjects' FROM (SELECT DISTINCT site, certificate FROM found
                                                      WHERE is_weak_rule(rule) AND severity_rank <= 3) w) part
GROUP BY 1, 2, 3;
CREATE TEMP TABLE site_ca_part AS
SELECT site, subject, value, coalesce(n.count, 0) - coalesce(o.count, 0) AS count
FROM new_site_ca_count n FULL JOIN site_ca_count o USING (site, subject, value)
WHERE n.count IS DISTINCT FROM o.count;
UPDATE now_count o SET count = o.count + n.count
FROM site_ca_part n WHERE n.site = o.site AND n.subject = o.subject AND n.value = o.value;
INSERT INTO now_count (site, subject, value, count)
SELECT n.site, n.subject, n.value, n.count FROM site_ca_part n LEFT JOIN now_count o USING (site, subject, value) WHERE o.site IS NULL;
DELETE FROM now_count WHERE count = 0;
DELETE FROM site_ca_count WHERE EXISTS (SELECT FROM site_ca_part);
INSERT INTO site_ca_count (site, subject, value, count)
SELECT site, subject, value, count FROM new_site_ca_count WHERE EXISTS (SELECT FROM site_ca_part)
