-- Counts what the certificates, endpoints and records in scope contribute to now_count ($1 = 1), or contributed before this run
-- ($1 = -1, so that it is subtracted). Reads the views of reconcile_counted_before.sql or reconcile_counted_now.sql.
INSERT INTO count_part (site, subject, value, count)
WITH leaf AS MATERIALIZED (          -- leaves alike: in all (site 0), and in each site that has them
    SELECT 0::bigint AS site, n.record, n.issuer, n.time, n.place_count > 0 AS is_served, n.owner_basis IS NULL AS is_nobodys,
           count(*) AS count
    FROM counted_certificate n
    WHERE n.is_leaf GROUP BY 2, 3, 4, 5, 6
    UNION ALL
    SELECT e.site, n.record, n.issuer, n.time, e.is_served, n.owner_basis IS NULL, count(*)
    FROM counted_site e JOIN counted_certificate n USING (certificate)
    WHERE n.is_leaf GROUP BY 1, 2, 3, 4, 5, 6
), of_finding AS MATERIALIZED (
    SELECT rule, severity_rank, certificate, endpoint FROM counted_finding
), sited AS MATERIALIZED (
    SELECT 0::bigint AS site, rule, severity_rank, certificate, endpoint FROM of_finding
    UNION ALL
    SELECT e.site, f.rule, f.severity_rank, f.certificate, f.endpoint
    FROM of_finding f JOIN endpoint e ON e.id = f.endpoint WHERE f.endpoint <> 0
    UNION ALL
    SELECT e.site, f.rule, f.severity_rank, f.certificate, 0
    FROM counted_site e JOIN of_finding f ON f.certificate = e.certificate AND f.endpoint = 0
), ruled AS MATERIALIZED (
    SELECT site, rule, severity_rank, count(*) AS count FROM sited GROUP BY site, rule, severity_rank
), place_of AS MATERIALIZED (
    SELECT site, deployment, count(*) AS count FROM counted_place GROUP BY site, deployment
), deployed_of AS MATERIALIZED (        -- the same by endpoint, which may serve several leaves
    SELECT site, deployment, count(*) AS count FROM (SELECT DISTINCT site, endpoint, deployment FROM counted_place) j GROUP BY site, deployment
), endpoint_of AS MATERIALIZED (
    SELECT site, count(*) AS count FROM (SELECT DISTINCT site, endpoint FROM counted_place) j GROUP BY site
), old AS MATERIALIZED (
    SELECT site, count(*) AS count
    FROM (SELECT DISTINCT u.site, u.endpoint FROM scope_endpoint x JOIN endpoint_unconfirmed u USING (endpoint)) u GROUP BY site
)
SELECT site, subject, value, $1::bigint * sum(count)::bigint
FROM (
    SELECT l.site, v.subject, v.value, l.count
    FROM leaf l
    CROSS JOIN LATERAL (VALUES
        (true, 'certificates', 'served or managed'), (l.is_served, 'certificates', 'served now'),
        (l.is_served AND l.is_nobodys, 'certificates', 'without an owner'),
        (true, 'record', l.record), (true, 'issuer', l.issuer), (true, 'time', l.time),
        (l.is_served, 'served record', l.record), (l.is_served, 'served issuer', l.issuer),
        (l.is_served, 'served time', l.time)) v (holds, subject, value)
    WHERE v.holds
    UNION ALL SELECT s.site, 'places', 'with a certificate', e.count
              FROM endpoint_of e CROSS JOIN LATERAL (VALUES (0::bigint), (e.site)) s (site)
    UNION ALL SELECT s.site, 'places', 'not confirmed', o.count
              FROM old o CROSS JOIN LATERAL (VALUES (0::bigint), (o.site)) s (site)
    UNION ALL SELECT s.site, 'deployment', p.deployment, p.count
              FROM place_of p CROSS JOIN LATERAL (VALUES (0::bigint), (p.site)) s (site)
    UNION ALL SELECT s.site, 'deployed', p.deployment, p.count
              FROM deployed_of p CROSS JOIN LATERAL (VALUES (0::bigint), (p.site)) s (site)
    UNION ALL SELECT e.site, 'authority', n.authority::text, count(*)          -- for reconcile_site_cas.sql
              FROM counted_site e JOIN counted_certificate n USING (certificate) WHERE n.authority IS NOT NULL GROUP BY e.site, n.authority
    UNION ALL SELECT 0, 'recorded', deployment, 1 FROM scope_record x JOIN record_judged USING (record)
    UNION ALL SELECT site, 'rule', rule, count FROM ruled
    UNION ALL SELECT r.site, 'severity', s.name, r.count FROM ruled r JOIN severity s ON s.rank = r.severity_rank
    UNION ALL SELECT site, 'weak', 'findings', count FROM ruled WHERE rule ~ '^(K|P|S|C01|C02)' AND severity_rank < 5
    UNION ALL SELECT site, 'weak', 'subjects', 1 FROM (
                  SELECT DISTINCT s.site, s.certificate, s.endpoint
                  FROM sited s JOIN rule r ON r.id = s.rule
                  WHERE r.id ~ '^(K|P|S|C01|C02)' AND s.severity_rank <= 3) w
) part
GROUP BY site, subject, value
