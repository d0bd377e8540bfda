-- The numbers of now_count, all of them anew.
CREATE TEMP TABLE new_count AS
WITH at AS MATERIALIZED (          -- where each leaf counts: in all (site 0), and in each site that serves it
    SELECT 0::bigint AS site, certificate, record, issuer, time, place_count > 0 AS is_served, owner_basis, is_leaf, severity_rank
    FROM certificate_now
    UNION ALL
    SELECT e.site, n.certificate, n.record, n.issuer, n.time, true, n.owner_basis, n.is_leaf, n.severity_rank
    FROM (SELECT DISTINCT site, certificate FROM endpoint_judged) e JOIN certificate_now n USING (certificate)
), of_finding AS MATERIALIZED (
    SELECT f.rule, f.severity_rank, f.certificate, f.endpoint FROM finding f
), sited AS MATERIALIZED (
    SELECT 0::bigint AS site, rule, severity_rank, certificate, endpoint FROM of_finding
    UNION ALL
    SELECT e.site, f.rule, f.severity_rank, f.certificate, f.endpoint
    FROM of_finding f JOIN endpoint e ON e.id = f.endpoint WHERE f.endpoint <> 0
    UNION ALL
    SELECT e.site, f.rule, f.severity_rank, f.certificate, 0
    FROM (SELECT DISTINCT site, certificate FROM endpoint_judged) e
    JOIN of_finding f ON f.certificate = e.certificate AND f.endpoint = 0
)
SELECT site, 'certificates' AS subject, 'served or managed' AS value, count(*) AS count FROM at WHERE is_leaf GROUP BY site
UNION ALL SELECT site, 'certificates', 'served now', count(*) FROM at WHERE is_served AND is_leaf GROUP BY site
UNION ALL SELECT site, 'certificates', 'without an owner', count(*) FROM at
          WHERE is_served AND is_leaf AND owner_basis IS NULL GROUP BY site
UNION ALL SELECT site, 'record', record, count(*) FROM at WHERE is_leaf GROUP BY site, record
UNION ALL SELECT site, 'issuer', issuer, count(*) FROM at WHERE is_leaf GROUP BY site, issuer
UNION ALL SELECT site, 'time', time, count(*) FROM at WHERE is_leaf GROUP BY site, time
UNION ALL SELECT site, 'served record', record, count(*) FROM at WHERE is_served AND is_leaf GROUP BY site, record
UNION ALL SELECT site, 'served issuer', issuer, count(*) FROM at WHERE is_served AND is_leaf GROUP BY site, issuer
UNION ALL SELECT site, 'served time', time, count(*) FROM at WHERE is_served AND is_leaf GROUP BY site, time
UNION ALL SELECT site, 'places', 'with a certificate', count(DISTINCT endpoint) FROM endpoint_judged GROUP BY site
UNION ALL SELECT 0, 'places', 'with a certificate', count(DISTINCT endpoint) FROM endpoint_judged
UNION ALL SELECT site, 'deployment', deployment, count(*) FROM endpoint_judged GROUP BY site, deployment
UNION ALL SELECT 0, 'deployment', deployment, count(*) FROM endpoint_judged GROUP BY deployment
UNION ALL SELECT 0, 'recorded', deployment, count(*) FROM record_judged GROUP BY deployment
UNION ALL SELECT site, 'rule', rule, count(*) FROM sited GROUP BY site, rule
UNION ALL SELECT site, 'severity', s.name, count(*) FROM sited JOIN severity s ON s.rank = severity_rank GROUP BY site, s.name
UNION ALL SELECT site, 'weak', 'findings', count(*) FROM sited WHERE rule ~ '^(K|P|S|C01|C02)' GROUP BY site
UNION ALL SELECT site, 'weak', 'subjects', count(*) FROM (
              SELECT DISTINCT site, certificate, endpoint FROM sited
              WHERE rule ~ '^(K|P|S|C01|C02)' AND severity_rank <= 3) w GROUP BY site;

DELETE FROM now_count o WHERE NOT EXISTS (
    SELECT FROM new_count n WHERE n.site = o.site AND n.subject = o.subject AND n.value = o.value AND n.count > 0);
UPDATE now_count o SET count = n.count
FROM new_count n WHERE n.site = o.site AND n.subject = o.subject AND n.value = o.value AND n.count <> o.count;
INSERT INTO now_count (site, subject, value, count)
SELECT n.site, n.subject, n.value, n.count
FROM new_count n LEFT JOIN now_count o USING (site, subject, value)
WHERE o.site IS NULL AND n.count > 0;
