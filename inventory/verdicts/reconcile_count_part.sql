-- Counts what the certificates, endpoints and records in scope contribute to now_count and ending_count ($1 = 1), or contributed before this run
-- ($1 = -1, so that it is subtracted). Reads the views of reconcile_counted_before.sql or reconcile_counted_now.sql.
INSERT INTO count_part (site, subject, value, count)
WITH sited_leaf AS MATERIALIZED (    -- those alike in each site, perhaps in two rows
    SELECT site, is_leaf, record, issuer, time, is_served, is_nobodys, authority, count FROM counted_there
), leaf AS MATERIALIZED (          -- leaves alike: in all (site 0), and in each site that has them
    SELECT 0::bigint AS site, n.record, n.issuer, n.time, n.place_count > 0 AS is_served, n.owner_basis IS NULL AS is_nobodys,
           count(*) AS count
    FROM counted_certificate n
    WHERE n.is_leaf GROUP BY 2, 3, 4, 5, 6
    UNION ALL
    SELECT site, record, issuer, time, is_served, is_nobodys, sum(count)
    FROM sited_leaf WHERE is_leaf GROUP BY 1, 2, 3, 4, 5, 6
), over AS MATERIALIZED (          -- what is over and served nowhere
    SELECT n.certificate, true AS is_over FROM counted_certificate n WHERE is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)
), ruled AS MATERIALIZED (         -- is_over: about that, NULL: not
    SELECT 0::bigint AS site, f.rule, f.severity_rank, o.is_over, count(*) AS count
    FROM counted_finding f LEFT JOIN over o ON o.certificate = f.certificate AND f.endpoint = 0 GROUP BY 2, 3, 4
    UNION ALL
    SELECT e.site, f.rule, f.severity_rank, NULL, count(*)
    FROM counted_finding f JOIN endpoint e ON e.id = f.endpoint WHERE f.endpoint <> 0 GROUP BY 1, 2, 3
    UNION ALL
    SELECT e.site, f.rule, f.severity_rank, o.is_over, count(*)
    FROM counted_site e JOIN counted_finding f USING (certificate) LEFT JOIN over o USING (certificate) WHERE f.endpoint = 0 GROUP BY 1, 2, 3, 4
), weak AS MATERIALIZED (
    SELECT f.certificate, f.endpoint
    FROM counted_finding f JOIN rule r ON r.id = f.rule
    WHERE is_weak_rule(r.id) AND f.severity_rank <= 3
    GROUP BY 1, 2
), place_of AS MATERIALIZED (
    SELECT site, deployment, count(*) AS count FROM counted_place GROUP BY site, deployment
), again AS MATERIALIZED (         -- endpoints that serve several leaves: few
    SELECT p.site, p.endpoint, p.deployment FROM counted_several s JOIN counted_place p USING (endpoint)
), deployed_of AS MATERIALIZED (        -- place_of by endpoint
    SELECT site, deployment, sum(count) AS count
    FROM (SELECT site, deployment, count FROM place_of
          UNION ALL SELECT site, deployment, count(DISTINCT endpoint) - count(*) FROM again GROUP BY site, deployment) d
    GROUP BY site, deployment
), endpoint_of AS MATERIALIZED (
    SELECT site, sum(count) AS count
    FROM (SELECT site, count FROM place_of
          UNION ALL SELECT site, count(DISTINCT endpoint) - count(*) FROM again GROUP BY site) d
    GROUP BY site
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
    UNION ALL SELECT site, 'authority', authority::text, sum(count)             -- for reconcile_site_cas.sql
              FROM sited_leaf WHERE authority IS NOT NULL GROUP BY site, authority
    UNION ALL SELECT 0, 'ends in', date_trunc('hour', not_after, 'UTC')::text, count(*)       -- for ending_count
              FROM counted_certificate WHERE is_leaf AND isfinite(not_after) GROUP BY date_trunc('hour', not_after, 'UTC')
    UNION ALL SELECT 0, 'unserved', u.value, count(*)           -- for the screen: what report expiring lists without a place
              FROM counted_certificate n
              CROSS JOIN LATERAL (VALUES ('replaced', n.replaced_at IS NOT NULL), ('renewal due',
                  NOT is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at))) u (value, holds)
              WHERE n.is_leaf AND n.place_count = 0 AND n.time IN ('renewal due', 'expiring') AND u.holds GROUP BY u.value
    UNION ALL SELECT 0, 'unserved', CASE WHEN n.time = 'expired' THEN 'ended' ELSE 'over' END, count(*)
              FROM counted_certificate n
              WHERE n.is_leaf AND n.place_count = 0 AND (n.time = 'expired' OR n.replaced_at IS NOT NULL) GROUP BY n.time = 'expired'
    UNION ALL SELECT 0, 'recorded', deployment, 1 FROM scope_record x JOIN record_judged USING (record)
    UNION ALL SELECT 0, 'record alone', 'not replaced', 1          -- for the screen
              FROM scope_record x JOIN record_judged USING (record) WHERE NOT is_known AND deployment <> 'replaced'
    UNION ALL SELECT site, 'rule', rule, count FROM ruled
    UNION ALL SELECT r.site, 'severity', s.name, r.count FROM ruled r JOIN severity s ON s.rank = r.severity_rank
    UNION ALL SELECT r.site, 'over', s.name, r.count FROM ruled r JOIN severity s ON s.rank = r.severity_rank WHERE r.is_over
    UNION ALL SELECT site, 'weak', 'findings', count FROM ruled WHERE is_weak_rule(rule) AND severity_rank < 5
    UNION ALL SELECT 0, 'weak', 'subjects', count(*) FROM weak
    UNION ALL SELECT e.site, 'weak', 'subjects', count(*)
              FROM weak w JOIN endpoint e ON e.id = w.endpoint WHERE w.endpoint <> 0 GROUP BY e.site
    UNION ALL SELECT e.site, 'weak', 'subjects', count(*)
              FROM weak w JOIN counted_site e USING (certificate) WHERE w.endpoint = 0 GROUP BY e.site
) part
GROUP BY site, subject, value
