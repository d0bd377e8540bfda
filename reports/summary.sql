-- What does the inventory say in numbers? $1 filter ("brief": nothing by owner), $2 rows or NULL, $3 and $4 column
-- to sort by, up and down, $5 certificates and $6 endpoints that can be wanted, or NULL.
-- Leaves served now or in
-- the managed set, by axis and value; what must be renewed by when, in all and by owner; what ends when; places,
-- and findings by severity. Reconcile maintains these numbers for the whole inventory and for each site; with any
-- other filter the rows are counted. A command lists the rows that its line counts.
WITH at AS MATERIALIZED (
    SELECT CASE WHEN $1::jsonb->>'site' IS NULL THEN 0 ELSE (SELECT id FROM site WHERE name = $1::jsonb->>'site') END AS site
), leaf AS MATERIALIZED (
    SELECT n.record, n.issuer, n.time, n.place_count > 0 AS is_served, count(*) AS count
    FROM certificates_wanted($1::jsonb, $5::bigint[]) n
    WHERE n.is_leaf AND $1::jsonb - '{site,brief}'::text[] <> '{}'
    GROUP BY 1, 2, 3, 4
), counted AS MATERIALIZED (
    SELECT subject, value, count FROM now_count JOIN at USING (site) WHERE $1::jsonb - '{site,brief}'::text[] = '{}'
    UNION ALL
    SELECT v.subject, v.value, sum(l.count)::bigint
    FROM leaf l
    CROSS JOIN LATERAL (VALUES (true, 'certificates', 'served or managed'), (l.is_served, 'certificates', 'served now'),
                               (l.is_served, 'served record', l.record), (true, 'issuer', l.issuer), (true, 'time', l.time)) v (holds, subject, value)
    WHERE v.holds GROUP BY 1, 2
    UNION ALL
    SELECT 'places', 'with a certificate', count(DISTINCT p.endpoint)
    FROM places_wanted($1::jsonb, $6::bigint[]) p WHERE $1::jsonb - '{site,brief}'::text[] <> '{}' HAVING count(*) > 0
    UNION ALL
    SELECT 'deployed', p.deployment, count(DISTINCT p.endpoint)
    FROM places_wanted($1::jsonb, $6::bigint[]) p WHERE $1::jsonb - '{site,brief}'::text[] <> '{}' GROUP BY p.deployment
    UNION ALL
    SELECT 'severity', s.name, count(*)
    FROM findings_wanted($1::jsonb, $5::bigint[], $6::bigint[]) f JOIN severity s ON s.rank = f.severity_rank
    WHERE $1::jsonb - '{site,brief}'::text[] <> '{}' GROUP BY s.name
), ending AS MATERIALIZED (
    SELECT w.days, CASE WHEN $1::jsonb - 'brief' = '{}' THEN leaves_ending(r.as_of, r.as_of + make_interval(days => w.days))
                        ELSE (SELECT count(*) FROM certificates_wanted($1::jsonb, $5::bigint[]) n
                              WHERE n.is_leaf AND n.ends_at >= r.as_of AND n.ends_at < r.as_of + make_interval(days => w.days)) END AS count
    FROM report_as_of r, (VALUES (7), (30), (60), (90)) w (days)
    WHERE NOT $1::jsonb ? 'within' OR w.days <= ($1::jsonb->>'within')::integer
), due AS MATERIALIZED (
    (SELECT * FROM renewals_due($1::jsonb - 'brief', $5::bigint[], CASE WHEN $1::jsonb ? 'brief' THEN 0 END) d
     WHERE d.is_total OR NOT $1::jsonb ? 'brief'
     ORDER BY d.is_total DESC, d.owner LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint + 1 END)
), line (ordinal, subject, value, owner, count, command, own) AS (          -- own: the option that the command names itself
    SELECT 10 + ordinal, v.subject, v.value, NULL, coalesce(c.count, 0), v.command, NULL
    FROM (VALUES (0, 'certificates', 'served or managed', 'certsweep report certificates'),
                 (1, 'certificates', 'served now', 'certsweep report certificates --served'),
                 (2, 'places', 'with a certificate', 'certsweep report endpoints')) v (ordinal, subject, value, command)
    LEFT JOIN counted c USING (subject, value)
    UNION ALL SELECT 13, subject, value || ' for too long: not counted', NULL, count, 'certsweep report endpoints --unconfirmed', NULL
        FROM counted WHERE subject = 'places' AND value = 'not confirmed'
    UNION ALL SELECT 15 + (NOT d.is_total)::integer, 'to renew', v.value,
                     CASE WHEN NOT d.is_total THEN coalesce(d.owner, 'none') END, v.count,
                     'certsweep report certificates --due ' || v.days || CASE WHEN d.is_total THEN '' ELSE ' --owner ' || owner_word(d.owner) END, 'due'
              FROM due d
              CROSS JOIN LATERAL (VALUES ('overdue', 'overdue', d.overdue), ('0 to 7 days', '0-7', d.week), ('8 to 30 days', '8-30', d.month),
                                         ('31 to 60 days', '31-60', d.two_months), ('61 to 90 days', '61-90', d.three_months)) v (value, days, count)
              WHERE (d.is_total OR NOT $1::jsonb ? 'brief') AND NOT $1::jsonb ? 'due'       -- or the list would have another span than was asked
    UNION ALL SELECT 20 + CASE value WHEN 'managed' THEN 0 WHEN 'unmanaged' THEN 1 WHEN 'accepted' THEN 2 WHEN 'ignored' THEN 3 ELSE 4 END,
                     'record', value, NULL, count,
                     CASE value WHEN 'unmanaged' THEN 'certsweep report unmanaged --served'
                                ELSE 'certsweep report certificates --served --record ' || shell_word(value) END, NULL
              FROM counted WHERE subject = 'served record'
    UNION ALL SELECT 30 + CASE value WHEN 'own' THEN 0 WHEN 'approved' THEN 1 WHEN 'foreign' THEN 2
                                     WHEN 'private' THEN 3 WHEN 'self-signed' THEN 4 ELSE 5 END,
                     'issuer', value, NULL, count,
                     CASE value WHEN 'foreign' THEN 'certsweep report foreign'
                                ELSE 'certsweep report certificates --issuer-class ' || shell_word(value) END, NULL
              FROM counted WHERE subject = 'issuer'
    UNION ALL SELECT 40 + CASE value WHEN 'expired' THEN 0 WHEN 'expiring' THEN 1 WHEN 'renewal due' THEN 2 ELSE 3 END,
                     'time', value, NULL, count,
                     CASE WHEN value IN ('expiring', 'renewal due') THEN 'certsweep report expiring --status ' || shell_word(value)
                          WHEN value = 'expired' THEN 'certsweep report expired'
                          ELSE 'certsweep report certificates --status ' || shell_word(value) END, NULL
              FROM counted WHERE subject = 'time'
    UNION ALL SELECT 50, 'ends within', days || ' days', NULL, count, 'certsweep report certificates --within ' || days, 'within' FROM ending
    UNION ALL SELECT 60, 'deployment', value, NULL, count, 'certsweep report endpoints --deployment ' || shell_word(value), NULL
              FROM counted WHERE subject = 'deployed'
    UNION ALL SELECT 61, 'recorded', 'not where it should be', NULL, sum(count)::bigint, 'certsweep report recorded', NULL
              FROM counted WHERE subject = 'recorded' AND value <> 'replaced' HAVING count(*) > 0
    UNION ALL SELECT 62, 'recorded', value, NULL, count, 'certsweep report recorded --status replaced', NULL
              FROM counted WHERE subject = 'recorded' AND value = 'replaced'
    UNION ALL SELECT 70 + s.rank, 'findings', c.value, NULL, c.count, 'certsweep report findings --severity ' || c.value, 'severity'
              FROM counted c JOIN severity s ON s.name = c.value WHERE c.subject = 'severity'
), option AS MATERIALIZED (
    SELECT o.key, o.option AS text FROM filter_kept($1::jsonb) o
)
SELECT * FROM (
SELECT l.subject, l.value, l.count,
       l.command || CASE WHEN l.command LIKE 'certsweep report%'
                         THEN coalesce((SELECT string_agg(o.text, '' ORDER BY o.key) FROM option o
                                        WHERE o.key IS DISTINCT FROM l.own AND NOT (o.key = 'owner' AND l.owner IS NOT NULL)), '') ELSE '' END AS command,
       l.owner, l.ordinal
FROM line l WHERE l.count > 0 OR l.ordinal < 16
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, ordinal, owner = 'none', owner,
             array_position('{overdue,0 to 7 days,8 to 30 days,31 to 60 days,61 to 90 days}'::text[], value), length(value), value LIMIT $2::bigint
