-- How did the last reconcile judge the certificates of one source? $1 source. Columns: records; served (somewhere now); of these superseded
-- (served where a newer one belongs), revoked, expired; never_seen (a server's, in force, and no scan or capture saw it); unknown (served
-- certificates that no source knows); suggested (served certificates that one of these records probably is, by names, key or serial number
-- alone).
WITH record AS MATERIALIZED (
    SELECT r.id, r.status, r.type, r.not_after
    FROM managed_record r JOIN managed_source s ON s.id = r.source
    WHERE s.name = $1 AND r.valid_to IS NULL
), matched AS MATERIALIZED (
    SELECT r.id, m.certificate FROM record r JOIN match_now m ON m.record = r.id WHERE m.is_counted OR (r.status = 'revoked' AND m.step <= 3)
    UNION
    SELECT r.id, n.certificate FROM record r JOIN certificate_now n ON n.record_id = r.id AND n.record_step = 'R-linked'
), superseded AS (
    SELECT DISTINCT m.id FROM matched m JOIN endpoint_judged e USING (certificate) WHERE e.deployment = 'superseded but served'
), standing AS (
    SELECT r.id, r.status, r.type, r.not_after, bool_or(n.place_count > 0) AS is_served, bool_or(n.first_seen IS NOT NULL) AS is_seen
    FROM record r LEFT JOIN matched m USING (id) LEFT JOIN certificate_now n USING (certificate)
    GROUP BY r.id, r.status, r.type, r.not_after
)
SELECT count(*) AS records, count(*) FILTER (WHERE is_served) AS served, count(*) FILTER (WHERE is_served AND u.id IS NOT NULL) AS superseded,
       count(*) FILTER (WHERE is_served AND status = 'revoked') AS revoked_served,
       count(*) FILTER (WHERE is_served AND not_after < now()) AS expired_served,
       count(*) FILTER (WHERE is_seen IS NOT TRUE AND coalesce(status, 'issued') = 'issued' AND coalesce(type, 'server') = 'server'
                          AND (not_after IS NULL OR not_after >= now())) AS never_seen,
       coalesce((SELECT count FROM now_count WHERE site = 0 AND subject = 'served record' AND value = 'unmanaged'), 0) AS unknown,
       (SELECT count(*) FROM record r JOIN certificate_now n ON n.record_id = r.id
        WHERE n.place_count > 0 AND record_is_suggested(n.record, n.record_step)) AS suggested
FROM standing LEFT JOIN superseded u USING (id)
