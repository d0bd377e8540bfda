-- How fresh are the verdicts, and how many are missing? $1 site or NULL. Columns: the moment of the last run (text
-- in UTC; NULL: never), whether that is more than a day ago, the number of served certificates that are not judged
-- as managed or unmanaged, and of those not judged by issuer, whether there is no certificate at all, how much has
-- changed and is not judged again (loaded without reconcile, for example; 1,000,000 means that or more; everything, if
-- the basis has changed), the moment as RFC 3339 has it, and what the verdicts are older than (judged_before(); NULL: nothing).
SELECT to_char(r.as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC', coalesce(r.as_of < now() - interval '1 day', true),
       coalesce(n.no_record, 0), coalesce(n.no_issuer, 0), coalesce(n.known, 0) = 0,
       greatest((SELECT count(*) FROM (SELECT DISTINCT kind, id FROM (SELECT kind, id FROM dirty LIMIT 1000000) d) d),
                CASE WHEN b.before IS NOT NULL THEN coalesce(n.known, 0) END),
       to_char(r.as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), b.before
FROM (SELECT CASE WHEN $1::text IS NULL THEN 0 ELSE (SELECT id FROM site WHERE name = $1) END AS id) s
LEFT JOIN (SELECT as_of FROM report_as_of WHERE EXISTS (SELECT FROM reconcile_run WHERE finished_at IS NOT NULL)) r ON true
CROSS JOIN judged_before() b (before)
CROSS JOIN LATERAL (SELECT max(c.count) FILTER (WHERE c.subject = 'served record') AS no_record, max(c.count) FILTER (WHERE c.subject = 'served issuer') AS no_issuer,
                           max(c.count) FILTER (WHERE c.subject = 'certificates') AS known
                    FROM now_count c
                    WHERE c.site = s.id AND ((c.subject IN ('served record', 'served issuer') AND c.value = 'not judged')
                                             OR (c.subject = 'certificates' AND c.value = 'served or managed'))) n
