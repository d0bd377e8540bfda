-- What the certificates, endpoints and records in scope add to the numbers of now_count ($1 = 1), or added before this run
-- ($1 = -1).
INSERT INTO count_part (site, subject, value, count)
SELECT site, subject, value, $1::bigint * count FROM (
WITH held AS MATERIALIZED (        -- the sites that serve each
    SELECT DISTINCT e.site, e.certificate FROM scope_certificate x JOIN endpoint_judged e USING (certificate)
), at AS MATERIALIZED (          -- where each leaf counts: in all (site 0), and in each site that serves it
    SELECT 0::bigint AS site, n.certificate, n.record, n.issuer, n.time, n.place_count > 0 AS is_served, n.owner_basis, n.is_leaf
    FROM scope_certificate x JOIN certificate_now n USING (certificate)
    UNION ALL
    SELECT e.site, n.certificate, n.record, n.issuer, n.time, true, n.owner_basis, n.is_leaf
    FROM held e JOIN certificate_now n USING (certificate)
), of_finding AS MATERIALIZED (
    SELECT f.rule, f.severity_rank, f.certificate, f.endpoint
    FROM scope_certificate x JOIN finding f ON f.certificate = x.certificate AND f.endpoint = 0
    UNION ALL
    SELECT f.rule, f.severity_rank, f.certificate, f.endpoint
    FROM scope_endpoint x JOIN finding f ON f.endpoint = x.endpoint AND f.endpoint <> 0
), place_of AS MATERIALIZED (
    SELECT j.site, j.endpoint, j.deployment FROM scope_endpoint x JOIN endpoint_judged j USING (endpoint)
), sited AS MATERIALIZED (
    SELECT 0::bigint AS site, rule, severity_rank, certificate, endpoint FROM of_finding
    UNION ALL
    SELECT e.site, f.rule, f.severity_rank, f.certificate, f.endpoint
    FROM of_finding f JOIN endpoint e ON e.id = f.endpoint WHERE f.endpoint <> 0
    UNION ALL
    SELECT e.site, f.rule, f.severity_rank, f.certificate, 0
    FROM held e JOIN of_finding f ON f.certificate = e.certificate AND f.endpoint = 0
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
UNION ALL SELECT site, 'places', 'with a certificate', count(DISTINCT endpoint) FROM place_of GROUP BY site
UNION ALL SELECT 0, 'places', 'with a certificate', count(DISTINCT endpoint) FROM place_of
UNION ALL SELECT site, 'deployment', deployment, count(*) FROM place_of GROUP BY site, deployment
UNION ALL SELECT 0, 'deployment', deployment, count(*) FROM place_of GROUP BY deployment
UNION ALL SELECT 0, 'recorded', deployment, count(*) FROM scope_record x JOIN record_judged USING (record) GROUP BY deployment
UNION ALL SELECT site, 'rule', rule, count(*) FROM sited GROUP BY site, rule
UNION ALL SELECT site, 'severity', s.name, count(*) FROM sited JOIN severity s ON s.rank = severity_rank GROUP BY site, s.name
UNION ALL SELECT site, 'weak', 'findings', count(*) FROM sited WHERE rule ~ '^(K|P|S|C01|C02)' GROUP BY site
UNION ALL SELECT site, 'weak', 'subjects', count(*) FROM (
              SELECT DISTINCT site, certificate, endpoint FROM sited
              WHERE rule ~ '^(K|P|S|C01|C02)' AND severity_rank <= 3) w GROUP BY site
) part
