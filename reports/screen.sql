-- What matters now, in words: lines for the screen. $1 site or NULL. Numbers of certificates are those of the summary.
WITH at AS MATERIALIZED (
    SELECT CASE WHEN $1::text IS NULL THEN 0 ELSE (SELECT id FROM site WHERE name = $1) END AS site
), counted AS MATERIALIZED (
    SELECT subject, value, count FROM now_count JOIN at USING (site)
), number AS MATERIALIZED (
    SELECT coalesce(sum(count) FILTER (WHERE subject = 'certificates' AND value = 'served or managed'), 0) AS known,
           coalesce(sum(count) FILTER (WHERE subject = 'certificates' AND value = 'served now'), 0) AS served,
           coalesce(sum(count) FILTER (WHERE subject = 'places' AND value = 'with a certificate'), 0) AS places,
           coalesce(sum(count) FILTER (WHERE subject = 'served record' AND value = 'unmanaged'), 0) AS unmanaged,
           coalesce(sum(count) FILTER (WHERE subject = 'served record' AND value = 'not judged'), 0) AS no_record,
           coalesce(sum(count) FILTER (WHERE subject = 'served issuer' AND value = 'not judged'), 0) AS no_issuer,
           coalesce(sum(count) FILTER (WHERE subject = 'time' AND value = 'expired'), 0) AS expired,
           coalesce(sum(count) FILTER (WHERE subject = 'served time' AND value = 'expired'), 0) AS ended,
           coalesce(sum(count) FILTER (WHERE subject = 'to renew' AND value = 'overdue'), 0) AS due_overdue,
           coalesce(sum(count) FILTER (WHERE subject = 'to renew' AND value = '0-7'), 0) AS due_week,
           coalesce(sum(count) FILTER (WHERE subject = 'unserved' AND value = 'renewal due'), 0) AS unserved_due,
           coalesce(sum(count) FILTER (WHERE subject = 'unserved' AND value = 'replaced'), 0) AS unserved_replaced,
           coalesce(sum(count) FILTER (WHERE subject = 'unserved' AND value = 'ended'), 0) AS unserved_ended,
           coalesce(sum(count) FILTER (WHERE subject = 'unserved' AND value = 'over'), 0) AS unserved_over,       -- replaced, and has not ended
           coalesce(sum(count) FILTER (WHERE subject = 'record alone'), 0) AS records_alone,
           coalesce(sum(count) FILTER (WHERE subject = 'severity' AND value = 'critical'), 0) AS critical,
           coalesce(sum(count) FILTER (WHERE subject = 'severity' AND value = 'high'), 0) AS high,
           coalesce(sum(count) FILTER (WHERE subject = 'over' AND value IN ('critical', 'high')), 0) AS over
    FROM counted
), run AS MATERIALIZED (
    SELECT s.id, s.started_at, coalesce(s.first_at, s.started_at) AS since, st.name AS site, s.kind
    FROM scan s JOIN site st ON st.id = s.site
    WHERE ($1::text IS NULL OR st.name = $1) AND coalesce(s.first_at, s.started_at) <= s.clock_limit AND s.started_at <= (SELECT until FROM report_until)
    ORDER BY s.started_at DESC, s.id DESC LIMIT 1
), filed AS MATERIALIZED (              -- as many as are counted
    SELECT count(DISTINCT f.certificate) AS count
    FROM (SELECT f.certificate FROM file_certificate_now f
          WHERE f.counts AND ($1::text IS NULL OR f.site = (SELECT site FROM at)) LIMIT 100000) f
), unserved_file AS MATERIALIZED (      -- of what is known and not served, what lies in files; likewise
    SELECT count(DISTINCT f.certificate) AS count, count(DISTINCT f.certificate) FILTER (WHERE f.is_ended) AS ended,
           count(DISTINCT f.certificate) FILTER (WHERE f.is_replaced AND NOT f.is_ended) AS over
    FROM (SELECT j.certificate, n.time = 'expired' AS is_ended, n.replaced_at IS NOT NULL AS is_replaced
          FROM file_judged j JOIN certificate_now n USING (certificate)
          WHERE n.is_leaf AND ($1::text IS NULL OR j.site = (SELECT site FROM at))
            AND CASE WHEN $1::text IS NULL THEN n.place_count = 0         -- of a site: at none of its places
                     ELSE NOT EXISTS (SELECT FROM endpoint_judged e WHERE e.certificate = j.certificate AND e.site = j.site) END LIMIT 100000) f
), unserved_part AS MATERIALIZED (      -- what is known and not served, and how many of these have ended, or were replaced
    SELECT 1 AS nth, 'in files' AS what, least(u.count, n.known - n.served) AS count, u.ended, u.over FROM number n CROSS JOIN unserved_file u
    UNION ALL
    SELECT 2, 'recorded and in no file', greatest(n.known - n.served - u.count, 0), greatest(n.unserved_ended - u.ended, 0),
           greatest(n.unserved_over - u.over, 0)
    FROM number n CROSS JOIN unserved_file u
), unserved_parts AS MATERIALIZED (
    SELECT string_agg(grouped(count) || ' ' || what || coalesce(' (' || nullif(concat_ws(', ', grouped(nullif(ended, 0)) || ' ended',
                                                                                         grouped(nullif(over, 0)) || ' replaced'), '') || ')', ''),
                      ', ' ORDER BY nth) AS text
    FROM unserved_part WHERE count > 0
), happened AS MATERIALIZED (           -- as many as are counted: a first run has an event for every place
    SELECT e.kind, e.endpoint
    FROM run JOIN event e ON e.time >= run.since AND e.time <= (SELECT until FROM report_until)
    WHERE $1::text IS NULL OR EXISTS (SELECT FROM endpoint p WHERE p.id = e.endpoint AND p.site = (SELECT site FROM at))
    LIMIT 20000
), changed AS MATERIALIZED (            -- places, each kind of event once
    SELECT kind, count(*) AS count, (SELECT count(*) = 20000 FROM happened) AS is_cut
    FROM (SELECT DISTINCT kind, endpoint FROM happened) h GROUP BY kind
), waiting AS MATERIALIZED (            -- as many as are counted
    SELECT kind, id FROM dirty LIMIT 100000
), ending AS MATERIALIZED (
    SELECT max(l.count) FILTER (WHERE w.days = 7) AS week, max(l.count) FILTER (WHERE w.days = 30) AS month, max(l.count) AS quarter
    FROM report_as_of r
    CROSS JOIN (VALUES (7), (30), (90)) w (days)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN $1::text IS NULL THEN leaves_ending(r.as_of, r.as_of + make_interval(days => w.days))
                    ELSE (SELECT count(*) FROM certificates_wanted(jsonb_build_object('site', $1::text), NULL) n
                          WHERE n.is_leaf AND n.ends_at >= r.as_of AND n.ends_at < r.as_of + make_interval(days => w.days)) END AS count) l
), due AS MATERIALIZED (                -- by the last safe day, as the table by owner counts: past, past and not ended, within a week
    SELECT d.overdue AS past, greatest(0, d.overdue - n.ended) AS overdue, d.week
    FROM number n
    CROSS JOIN LATERAL (
        SELECT n.due_overdue, n.due_week WHERE EXISTS (SELECT FROM ending_count)
        UNION ALL       -- runs before this version have not counted them
        SELECT coalesce(sum(d.overdue), 0), coalesce(sum(d.week), 0)
        FROM renewals_due(CASE WHEN $1::text IS NULL THEN '{}' ELSE jsonb_build_object('site', $1::text) END, NULL, 0) d
        WHERE d.is_total AND NOT EXISTS (SELECT FROM ending_count)
        HAVING NOT EXISTS (SELECT FROM ending_count)) d (overdue, week)
), unserved AS MATERIALIZED (           -- as report expiring lists them
    SELECT n.unserved_due AS count, n.unserved_replaced AS replaced FROM number n WHERE $1::text IS NULL AND EXISTS (SELECT FROM ending_count)
    UNION ALL           -- where runs have not counted them
    SELECT count(*) FILTER (WHERE NOT is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)),
           count(n.replaced_at)
    FROM certificate_now n
    WHERE n.is_leaf AND n.place_count = 0 AND (n.time IN ('renewal due', 'expiring')) IS TRUE        -- not by the index of all that end, most of which is served
      AND ($1::text IS NULL OR EXISTS (SELECT FROM file_judged f WHERE f.certificate = n.certificate AND f.site = (SELECT site FROM at)))
      AND ($1::text IS NOT NULL OR NOT EXISTS (SELECT FROM ending_count))
    HAVING $1::text IS NOT NULL OR NOT EXISTS (SELECT FROM ending_count)
), unseen AS MATERIALIZED (             -- records whose certificate is not known, so that nothing is counted twice; for all sites alone. ending: within 30
                                        -- days. (next_change_at: the second after the record's end)
    SELECT n.records_alone AS count,
           (SELECT count(*) FROM report_as_of r
            JOIN record_judged j ON j.next_change_at > r.as_of AND j.next_change_at <= r.as_of + interval '30 days'
                AND NOT j.is_known AND j.deployment <> 'replaced'
            WHERE $1::text IS NULL) AS ending
    FROM number n
), urgent AS MATERIALIZED (             -- where runs have not counted them: of a site, or before this version
    SELECT n.certificate, n.owner_basis
    FROM certificates_wanted(CASE WHEN $1::text IS NULL THEN '{}' ELSE jsonb_build_object('site', $1::text) END, NULL) n
    WHERE is_urgent(n.is_leaf, n.severity_rank, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)
      AND ($1::text IS NOT NULL OR NOT EXISTS (SELECT FROM ending_count))
), owing AS MATERIALIZED (              -- urgent certificates, at each owner of them
    SELECT CASE WHEN owner IS NULL THEN 'nobody''s' ELSE owner_shown(owner) END AS owner, urgent AS count FROM owner_count
    WHERE $1::text IS NULL AND urgent > 0 AND EXISTS (SELECT FROM ending_count)
    UNION ALL
    SELECT CASE WHEN n.owner IS NULL THEN 'nobody''s' ELSE owner_shown(n.owner) END AS owner, count(*)
    FROM (SELECT u.certificate, o.owner FROM urgent u LEFT JOIN owner_basis o ON o.id = u.owner_basis
          WHERE NOT is_of_several(o.evidence) AND (SELECT EXISTS (SELECT FROM urgent))      -- else all bases would be hashed for none
          UNION
          SELECT u.certificate, o.owner
          FROM urgent u JOIN owner_basis s ON s.id = u.owner_basis AND is_of_several(s.evidence)
          JOIN owned_place p USING (certificate) JOIN owner_basis o ON o.id = p.owner_basis
          WHERE (SELECT EXISTS (SELECT FROM urgent))) n
    GROUP BY n.owner
), owed AS MATERIALIZED (               -- how many different ones
    SELECT CASE WHEN $1::text IS NULL AND EXISTS (SELECT FROM ending_count)
                THEN (SELECT sum(count) FROM now_count WHERE site = 0 AND subject = 'of all owners' AND value = 'urgent')
                ELSE (SELECT count(*) FROM urgent) END AS count
)
SELECT line FROM (
SELECT 1 AS ordinal, CASE WHEN $1::text IS NOT NULL THEN 'Site ' || $1
                          WHEN (SELECT count(*) FROM site) <= 1 THEN coalesce('Site ' || (SELECT name FROM site), 'No site')
                          ELSE 'All sites (' || (SELECT string_agg(name, ', ') FROM (SELECT name FROM site ORDER BY name LIMIT 8) s)
                               || CASE WHEN (SELECT count(*) FROM site) > 8 THEN ' ...' ELSE '' END || ')' END
       || ': ' || CASE WHEN known = 0 AND f.count = 0 THEN CASE WHEN EXISTS (SELECT FROM waiting)
           THEN 'nothing of what was found is judged yet.' ELSE 'no certificate is known yet.' END WHEN known = 0
           THEN 'nothing is served that is known.'
                       WHEN served = 0 THEN 'nothing is known to be served'
                       WHEN ended + d.overdue + d.week = 0 THEN 'nothing that is served has ended, and nothing must be renewed within a week'
                       ELSE concat_ws(', ', CASE WHEN ended > 0 THEN counted_grouped(ended, 'certificate')
                                                      || CASE WHEN ended = 1 THEN ' has ended and is' ELSE ' have ended and are' END || ' still served' END,
                                      CASE WHEN d.overdue > 0 THEN counted_grouped(d.overdue, 'certificate') || CASE WHEN d.overdue = 1
                                          THEN ' is past its' ELSE ' are past their' END
                                                                   || ' last safe day' END,
                                      CASE WHEN d.week > 0 THEN counted_grouped(d.week, 'certificate') || ' must be renewed within a week' END) END
       || CASE WHEN known = 0 THEN '' WHEN no_record > 0 OR served = 0 THEN '.'
               WHEN unmanaged = 0 THEN CASE WHEN served = 1 THEN '; it is' ELSE '; all ' || grouped(served) || ' are' END || ' managed, or accepted or ignored.'
               ELSE '; ' || grouped(unmanaged) || ' of ' || grouped(served) || CASE WHEN unmanaged = 1 THEN ' stands' ELSE ' stand' END || ' in no managed source.' END AS line
FROM number CROSS JOIN due d CROSS JOIN filed f
UNION ALL
SELECT 2, counted_grouped(served, 'certificate') || ' served at ' || counted_grouped(places, 'place')
       || coalesce('. Not seen served: ' || nullif(concat_ws(', ', u.text,
               counted_grouped(nullif(s.count, 0), 'record') || ' whose certificate is not known (certsweep report recorded)'), ''), '')
       || '.' || CASE WHEN f.count > 0 THEN ' In files, served or not: ' || counted_grouped(f.count, 'certificate') || ' (certsweep report files).'
           ELSE '' END
FROM number CROSS JOIN filed f CROSS JOIN unserved_parts u CROSS JOIN unseen s WHERE known + f.count + s.count > 0
UNION ALL
SELECT 3, 'Found by the ' || CASE kind WHEN 2 THEN 'capture' WHEN 3 THEN 'collection' ELSE 'run' END || ' of '
       || moment_text(started_at) || CASE WHEN $1::text IS NULL AND (site <> 'default' OR default_is_named()) THEN ' (site ' || site || ')'
           ELSE '' END
       || ': ' || CASE kind WHEN 3 THEN (SELECT counted_grouped(count(*), 'place') || ' with certificates, keys or their configuration, '
                                         || grouped(count(*) FILTER (WHERE n.first_at >= run.since)) || ' of them new'
                                         FROM file_now n WHERE n.scan = run.id AND n.state IS NOT NULL) ELSE
          coalesce((SELECT CASE WHEN bool_or(is_cut) THEN 'at least ' ELSE '' END || string_agg(CASE kind WHEN 'new'
              THEN counted_grouped(count, 'new place') WHEN 'changed' THEN grouped(count) || ' with another certificate'
                                                        WHEN 'gone' THEN grouped(count) || ' gone' ELSE grouped(count) || ' returned' END, ', '
                                             ORDER BY array_position(ARRAY['new', 'changed', 'gone', 'returned'], kind)) FROM changed),
                           'no place has changed') END || '.'
FROM run
UNION ALL
SELECT 4, CASE WHEN n.served = 0 AND n.expired + d.past + d.week + e.quarter = 0 THEN 'Of what is recorded, nothing has ended, and nothing ends within 90 days.'
               WHEN n.expired + d.past + d.week + e.quarter = 0 THEN 'Nothing has ended, and nothing ends within 90 days.'
               ELSE 'Ended: ' || grouped(n.expired) || '. Ending within 7 days: ' || grouped(e.week) || ', 30 days: ' || grouped(e.month)
                   || ', 90 days: ' || grouped(e.quarter)
                    || '. Served, to renew by last safe day: ' || grouped(d.past) || ' overdue (ended ones too), ' || grouped(d.week) || ' within 7 days.' END
FROM number n CROSS JOIN ending e CROSS JOIN due d WHERE n.known > 0
UNION ALL
SELECT 5, 'Served nowhere, and so not counted to renew: ' || concat_ws('; ', CASE WHEN u.count > 0
           THEN counted_grouped(u.count, 'certificate') || ' whose renewal is due'
                || CASE WHEN u.replaced > 0 THEN ', and ' || grouped(u.replaced) || ' that ' || CASE WHEN u.replaced = 1 THEN 'was' ELSE 'were' END
                        || ' replaced' ELSE '' END || ' (certsweep report expiring)'
           WHEN u.replaced > 0 THEN counted_grouped(u.replaced, 'certificate') || ' that ' || CASE WHEN u.replaced = 1 THEN 'was' ELSE 'were' END
               || ' replaced (certsweep report expiring)' END,
           CASE WHEN s.ending > 0 THEN counted_grouped(s.ending, 'record') || CASE WHEN s.ending = 1 THEN ', whose certificate is not known, ends'
                    ELSE ', whose certificates are not known, end' END
               || ' within 30 days (certsweep report recorded --within 30)' END) || '.'
FROM unserved u CROSS JOIN unseen s WHERE u.count + u.replaced + s.ending > 0
UNION ALL
SELECT 6, 'Critical findings: ' || grouped(critical) || ', high: ' || grouped(high)          -- as many as the list has, and how many of them are for nobody
       || CASE WHEN over > 0 THEN '; ' || grouped(over) || CASE WHEN over = 1 THEN ' of these is' ELSE ' of these are' END
           || ' about what is over and served nowhere, which needs nothing'
               ELSE '' END || '.'
FROM number WHERE known > 0
UNION ALL
SELECT 7, 'Urgent certificates (ended, ending soon, or with a critical or high finding): ' || string_agg(o.owner || ': '
    || grouped(o.count), ' · ' ORDER BY o.count DESC, o.owner)
       || CASE WHEN max(o.owners) > count(*) THEN ' · and ' || counted_grouped(max(o.owners) - count(*), 'more owner') ELSE '' END || '.'
       || CASE WHEN max(o.counted) > max(d.count)
               THEN ' A certificate of several owners counts at each of them; together ' || grouped(max(d.count))
                   || CASE WHEN max(d.count) = 1 THEN ' one.' ELSE ' different ones.' END ELSE '' END
FROM (SELECT owner, count, owners, counted
      FROM (SELECT w.*, count(*) OVER () AS owners, sum(count) OVER () AS counted,
                   row_number() OVER (ORDER BY count DESC, owner) AS line FROM owing w) w
      WHERE line <= 4 OR owners = 5) o          -- "1 more owner" is as long as its name
CROSS JOIN owed d
HAVING count(*) > 0
UNION ALL
SELECT 8, 'Not judged: whether a certificate is managed (' || grouped(no_record) || '), since there is no managed source (certsweep managed import --source NAME FILE).'
FROM number WHERE no_record > 0
UNION ALL
SELECT 9, 'Not judged: the issuers (' || grouped(no_issuer) || '), since the policy names no own CA (certsweep policy show -o FILE, then policy use FILE).'
FROM number WHERE no_issuer > 0
UNION ALL
SELECT 10, 'Not judged yet: ' || CASE WHEN (SELECT count(*) FROM waiting) = 100000 THEN 'at least ' ELSE '' END
       || counted_grouped(count(*), 'change') || ' since the last certsweep reconcile.'
FROM (SELECT DISTINCT kind, id FROM waiting) d HAVING count(*) > 0
UNION ALL
SELECT 11, 'Judged before ' || j.before || ' (certsweep reconcile).' FROM judged_before() j (before) WHERE j.before IS NOT NULL
) x ORDER BY ordinal
