-- What has changed since a day or a run? $1 filter ("since": a date, or "last", which is what the latest run found), $2 rows or NULL,
-- $3 and $4 column to sort by, up and down, $5 (not used), $6 endpoints that can be wanted or NULL. The latest first.
-- A certificate that left one endpoint and came at another is one row, moved, not two. The same for files where certificates count.
-- New places are by far the most, and each is a row of its own: the page's are read from the index by time. The others are few. How many rows there
-- are the planner cannot know, since the day is computed: so what belongs to a row is looked up by key (OFFSET 0), and no table is read whole.
WITH bound AS MATERIALIZED (
    SELECT CASE WHEN coalesce($1::jsonb->>'since', 'last') <> 'last' THEN ($1::jsonb->>'since')::timestamptz
                ELSE coalesce((SELECT coalesce(first_at, started_at) FROM scan
                               WHERE coalesce(first_at, started_at) <= clock_limit AND started_at <= u.until
                                   ORDER BY started_at DESC LIMIT 1), '-infinity') END AS since, u.until
    FROM report_until u
), seen AS (                             -- all but a new place with its chain
    SELECT e.variant, e.endpoint, e.kind, e.time, coalesce(e.leaf_before, b.leaf) AS before, coalesce(e.leaf_after, a.leaf) AS after
    FROM bound JOIN event e ON e.time >= bound.since AND e.time <= bound.until AND (e.kind <> 'new' OR e.chain_after IS NULL)
    -- events of older programs have their chains alone
    LEFT JOIN LATERAL (SELECT c.leaf FROM chain c WHERE e.kind = 'changed' AND e.leaf_before IS NULL AND c.id = e.chain_before OFFSET 0) b ON true
    LEFT JOIN LATERAL (SELECT c.leaf FROM chain c WHERE e.leaf_after IS NULL AND c.id = e.chain_after OFFSET 0) a ON true
), happened AS MATERIALIZED (           -- a server that is asked by several hellos changes once, though each of them saw it
    SELECT w.* FROM (SELECT s.*, lag(s.time) OVER (PARTITION BY s.endpoint, s.kind, s.before, s.after ORDER BY s.time, s.variant) AS same_at FROM seen s) w
    WHERE w.kind <> 'changed' OR w.same_at IS NULL OR w.time - w.same_at > interval '1 hour'
), gone AS MATERIALIZED (               -- the last leaf of a place that shows it no more
    SELECT h.endpoint, h.time, c.leaf, true AS is_gone
    FROM happened h
    CROSS JOIN LATERAL (SELECT c.leaf FROM answer_span s JOIN chain c ON c.id = s.chain
                        WHERE s.endpoint = h.endpoint AND s.role = 1 AND s.from_at <= h.time ORDER BY s.from_at DESC LIMIT 1) c
    WHERE h.kind = 'gone'
    UNION ALL
    SELECT endpoint, time, before, false FROM happened WHERE kind = 'changed'
), come AS MATERIALIZED (
    SELECT endpoint, time, kind, after AS leaf, before FROM happened WHERE kind IN ('new', 'returned', 'changed') AND after IS NOT NULL
    UNION ALL
    SELECT h.endpoint, h.time, h.kind, c.leaf, h.before
    FROM happened h
    LEFT JOIN LATERAL (SELECT c.leaf FROM answer_span s JOIN chain c ON c.id = s.chain
                       WHERE s.endpoint = h.endpoint AND s.role = 1 AND s.from_at <= h.time ORDER BY s.from_at DESC LIMIT 1) c ON true
    WHERE h.kind IN ('new', 'returned', 'changed') AND h.after IS NULL
), arrived AS MATERIALIZED (            -- where what has gone can have moved to
    SELECT endpoint, time, leaf, before FROM come
    UNION ALL
    SELECT e.endpoint, e.time, a.leaf, NULL
    FROM (SELECT DISTINCT leaf FROM gone) g JOIN chain a ON a.leaf = g.leaf JOIN event e ON e.chain_after = a.id AND e.kind = 'new'
    WHERE e.time >= (SELECT since FROM bound) AND e.time <= (SELECT until FROM bound)
), moved AS MATERIALIZED (              -- pairs each departure with the nearest arrival elsewhere at its site; of two arrivals, one is new.
                                        -- One in the stead of another of the same names was renewed there, and moved nowhere
    SELECT DISTINCT ON (x.from_endpoint, x.leaf, x.left_at) x.*
    FROM (SELECT DISTINCT ON (c.endpoint, c.leaf) c.endpoint, c.leaf, c.time, c.from_endpoint, c.left_at,
                 abs(date_part('epoch', c.time - c.left_at)) AS apart
          FROM (SELECT leaf, c.endpoint, c.time, c.before, g.endpoint AS from_endpoint, g.time AS left_at
                FROM            -- a full join is never a loop over all pairs
                     arrived c FULL JOIN gone g USING (leaf) OFFSET 0) c
          JOIN endpoint ce ON ce.id = c.endpoint
          JOIN endpoint ge ON ge.id = c.from_endpoint AND ge.site = ce.site
          WHERE c.from_endpoint <> c.endpoint AND c.time >= c.left_at - interval '12 hours'        -- what came in an earlier run was there beside it
            AND NOT EXISTS (SELECT FROM certificate_own x JOIN certificate_own y ON y.name_set = x.name_set
                            WHERE x.certificate = c.leaf AND y.certificate = c.before)
          ORDER BY c.endpoint, c.leaf, apart, c.from_endpoint) x
    ORDER BY x.from_endpoint, x.leaf, x.left_at, x.apart, x.endpoint
), file_step AS MATERIALIZED (          -- what a file held from then on, and what before
    SELECT s.place, s.from_at AS time, s.state AS after, l.state AS before
    FROM bound JOIN file_span s ON s.from_at >= bound.since AND s.from_at <= bound.until
    LEFT JOIN LATERAL (SELECT l.state FROM file_span l WHERE l.place = s.place AND l.from_at < s.from_at ORDER BY l.from_at DESC LIMIT 1) l ON true
), file_come AS MATERIALIZED (
    SELECT f.place, f.time, c.certificate FROM file_step f JOIN file_state s ON s.id = f.after AND s.counts JOIN file_state_certificate c ON c.state = s.id
    EXCEPT
    SELECT f.place, f.time, c.certificate FROM file_step f JOIN file_state_certificate c ON c.state = f.before
), file_gone AS MATERIALIZED (
    SELECT f.place, f.time, c.certificate FROM file_step f JOIN file_state s ON s.id = f.before AND s.counts JOIN file_state_certificate c ON c.state = s.id
    EXCEPT
    SELECT f.place, f.time, c.certificate FROM file_step f JOIN file_state_certificate c ON c.state = f.after
), file_renewed AS MATERIALIZED (       -- in one file at one reading, by the same names; or the one for the other, if there is no more
    SELECT DISTINCT ON (c.place, c.time, c.certificate) c.place, c.time, c.certificate AS after, g.certificate AS before
    FROM (SELECT *, count(*) OVER (PARTITION BY place, time) AS count FROM file_come) c
    JOIN (SELECT *, count(*) OVER (PARTITION BY place, time) AS count FROM file_gone) g USING (place, time)
    JOIN certificate_own a ON a.certificate = c.certificate
    JOIN certificate_own b ON b.certificate = g.certificate
    WHERE a.name_set = b.name_set OR (c.count = 1 AND g.count = 1)
    ORDER BY c.place, c.time, c.certificate, a.name_set = b.name_set DESC, b.not_after DESC, g.certificate
), file_moved AS MATERIALIZED (
    SELECT DISTINCT ON (x.from_place, x.certificate) x.*
    FROM (SELECT DISTINCT ON (c.place, c.certificate) c.place, c.certificate, c.time, g.place AS from_place, abs(date_part('epoch', c.time - g.time)) AS apart
          FROM file_come c JOIN file_gone g ON g.certificate = c.certificate AND g.place <> c.place
          JOIN file_place cp ON cp.id = c.place JOIN file_place gp ON gp.id = g.place AND gp.site = cp.site
          ORDER BY c.place, c.certificate, apart, g.place) x
    ORDER BY x.from_place, x.certificate, x.apart, x.place
), line (change, time, endpoint, from_endpoint, after, before, place, from_place) AS (
    SELECT 'moved', time, endpoint, from_endpoint, leaf, NULL::bigint, NULL::bigint, NULL::bigint FROM moved
    UNION ALL
    SELECT 'moved', time, NULL, NULL, certificate, NULL, place, from_place FROM file_moved
    UNION ALL
    SELECT CASE WHEN r.before IS NOT NULL THEN 'changed'
                WHEN EXISTS (SELECT FROM file_span s JOIN file_state_certificate h USING (state)
                             WHERE s.place = c.place AND s.from_at < c.time AND h.certificate = c.certificate) THEN 'returned'
                ELSE 'new' END, c.time, NULL, NULL, c.certificate, r.before, c.place, NULL
    FROM file_come c LEFT JOIN file_renewed r ON r.place = c.place AND r.time = c.time AND r.after = c.certificate
    WHERE NOT EXISTS (SELECT FROM file_moved m WHERE m.place = c.place AND m.certificate = c.certificate)
    UNION ALL
    SELECT 'gone', g.time, NULL, NULL, NULL, g.certificate, g.place, NULL
    FROM file_gone g
    WHERE NOT EXISTS (SELECT FROM file_moved m WHERE m.from_place = g.place AND m.certificate = g.certificate)
      AND NOT EXISTS (SELECT FROM file_renewed r WHERE r.place = g.place AND r.time = g.time AND r.before = g.certificate)
    UNION ALL
    SELECT c.kind, c.time, c.endpoint, NULL, c.leaf, c.before, NULL, NULL
    FROM come c
    WHERE NOT EXISTS (SELECT FROM moved m WHERE m.endpoint = c.endpoint AND m.leaf = c.leaf)
    UNION ALL
    SELECT 'gone', g.time, g.endpoint, NULL, NULL, g.leaf, NULL, NULL
    FROM gone g
    WHERE g.is_gone AND NOT EXISTS (SELECT FROM moved m WHERE m.from_endpoint = g.endpoint AND m.leaf = g.leaf)
    UNION ALL
    SELECT 'superseded', j.deployment_since, j.endpoint, NULL, j.certificate, NULL, NULL, NULL
    FROM bound JOIN endpoint_judged j ON j.deployment = 'superseded but served' AND j.deployment_since >= bound.since
), horizon AS MATERIALIZED (            -- no row before it can come on a page, so only certificates of those after it are looked at
    SELECT min(x.time) AS time
    FROM (SELECT l.time FROM line l
          WHERE NOT $1::jsonb ? 'after' OR l.time < ($1::jsonb->'after'->>0)::timestamptz
          ORDER BY l.time DESC
          LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL AND $1::jsonb - '{since,after}'::text[] = '{}' THEN $2::bigint END) x
), told AS (                             -- a certificate in whose stead another one is seen was renewed, or what else
    SELECT CASE WHEN l.change <> 'changed' THEN l.change
                WHEN a.name_set = b.name_set AND a.not_after > b.not_after AND pa.issuer_folded IS NOT DISTINCT FROM pb.issuer_folded THEN 'renewed'
                WHEN a.name_set = b.name_set AND pa.issuer_folded IS DISTINCT FROM pb.issuer_folded THEN 'issuer swapped'
                ELSE 'replaced' END AS change, l.time, l.endpoint, l.from_endpoint, l.after, l.before, l.place, l.from_place
    FROM line l
    LEFT JOIN LATERAL (SELECT o.name_set, o.not_after, o.profile FROM certificate_own o
                       WHERE o.certificate = l.after AND l.change = 'changed' OFFSET 0) a ON true
    LEFT JOIN profile pa ON pa.id = a.profile
    LEFT JOIN LATERAL (SELECT o.name_set, o.not_after, o.profile FROM certificate_own o
                       WHERE o.certificate = l.before AND l.change = 'changed' OFFSET 0) b ON true
    LEFT JOIN profile pb ON pb.id = b.profile
    WHERE l.time >= coalesce((SELECT time FROM horizon), '-infinity')
), wanted AS MATERIALIZED (             -- where conditions on certificates narrow the list
    SELECT p.endpoint, NULL::bigint AS certificate FROM places_wanted($1::jsonb, $6::bigint[]) p
    UNION ALL
    SELECT NULL, w.certificate FROM certificates_wanted($1::jsonb - '{site,network,port}'::text[], NULL) w
), fresh AS (
    SELECT 'new' AS change, v.time, v.endpoint, NULL::bigint AS from_endpoint, a.leaf AS after, NULL::bigint AS before, NULL::bigint AS place, NULL::bigint AS from_place,
           e.site, e.address, e.port, e.server_name, c.sha256
    FROM event v
    JOIN endpoint e ON e.id = v.endpoint
    JOIN chain a ON a.id = v.chain_after
    LEFT JOIN certificate c ON c.id = a.leaf
    WHERE v.kind = 'new' AND v.time >= (SELECT since FROM bound) AND v.time <= (SELECT until FROM bound)
      AND (v.endpoint, a.leaf) NOT IN (SELECT m.endpoint, m.leaf FROM moved m)
      AND (NOT $1::jsonb ? 'after' OR (v.time <= ($1::jsonb->'after'->>0)::timestamptz
           AND (v.time < ($1::jsonb->'after'->>0)::timestamptz OR ('new' COLLATE "C") > ($1::jsonb->'after'->>1)
                OR ('new' = $1::jsonb->'after'->>1
                    AND (v.endpoint, 0, encode(c.sha256, 'hex')) > (($1::jsonb->'after'->>2)::bigint, ($1::jsonb->'after'->>3)::bigint, $1::jsonb->'after'->>4)))))
      AND ($1::jsonb->>'site' IS NULL OR e.site = (SELECT id FROM site WHERE name = $1::jsonb->>'site'))
      AND ($1::jsonb->>'network' IS NULL OR e.address <<= ($1::jsonb->>'network')::inet)
      AND ($1::jsonb->>'port' IS NULL OR e.port = ($1::jsonb->>'port')::integer)
      AND (NOT $1::jsonb ?| '{owner,issuer,name,rule,severity,kind,source,within,due}'
           OR v.endpoint IN (SELECT endpoint FROM wanted WHERE endpoint IS NOT NULL)
           OR a.leaf IN (SELECT certificate FROM wanted WHERE certificate IS NOT NULL))
    ORDER BY v.time DESC, v.endpoint, c.sha256
    LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END
), rest AS (
    SELECT l.*, site.id AS site, e.address, e.port, e.server_name, c.sha256
    FROM told l
    LEFT JOIN LATERAL (SELECT e.site, e.address, e.port, e.server_name FROM endpoint e WHERE e.id = l.endpoint OFFSET 0) e ON true
    LEFT JOIN LATERAL (SELECT p.site FROM file_place p WHERE p.id = l.place OFFSET 0) p ON true
    JOIN site ON site.id = coalesce(e.site, p.site)
    LEFT JOIN LATERAL (SELECT c.sha256 FROM certificate c WHERE c.id = coalesce(l.after, l.before) OFFSET 0) c ON true
    WHERE (NOT $1::jsonb ? 'after' OR l.time < ($1::jsonb->'after'->>0)::timestamptz
           OR (l.time = ($1::jsonb->'after'->>0)::timestamptz
               AND (l.change COLLATE "C", coalesce(l.endpoint, 9223372036854775807), coalesce(l.place, 0), coalesce(encode(c.sha256, 'hex'), ''))
                   > ($1::jsonb->'after'->>1, ($1::jsonb->'after'->>2)::bigint, ($1::jsonb->'after'->>3)::bigint, $1::jsonb->'after'->>4)))
      AND ($1::jsonb->>'site' IS NULL OR site.name = $1::jsonb->>'site')
      AND ($1::jsonb->>'network' IS NULL OR e.address <<= ($1::jsonb->>'network')::inet)
      AND ($1::jsonb->>'port' IS NULL OR e.port = ($1::jsonb->>'port')::integer)
      AND (NOT $1::jsonb ?| '{owner,issuer,name,rule,severity,kind,source,within,due}'
           OR l.endpoint IN (SELECT endpoint FROM wanted WHERE endpoint IS NOT NULL)
           OR coalesce(l.after, l.before) IN (SELECT certificate FROM wanted WHERE certificate IS NOT NULL))
), page AS MATERIALIZED (
    SELECT x.*, row_number() OVER (ORDER BY x.time DESC, x.change COLLATE "C", x.endpoint, x.place, x.sha256) AS ordinal
    FROM (SELECT * FROM fresh UNION ALL SELECT * FROM rest
          ORDER BY time DESC, change, endpoint, place, sha256
          LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END) x
)
SELECT * FROM (
SELECT l.change, l.time, site.name AS site,
       CASE WHEN p.id IS NULL THEN place_text(l.address, l.port, l.server_name) ELSE file_place_text(p.host, p.path, p.inside) END AS places,
       CASE WHEN w.id IS NULL THEN place_text(f.address, f.port, f.server_name)
           ELSE file_place_text(w.host, w.path, w.inside) END AS moved_from,
       -- of what has gone, the certificate that was there
       CASE WHEN l.after IS NULL THEN was.name ELSE n.name END AS name, was.name AS name_before,
       CASE WHEN l.after IS NULL THEN was.issuer_name ELSE n.issuer_name END AS issuer, was.issuer_name AS issuer_before,
       CASE WHEN l.after IS NULL THEN was.not_after ELSE n.not_after END AS not_after, was.not_after AS not_after_before, o.owner,
       encode(l.sha256, 'hex') AS sha256, encode(was.sha256, 'hex') AS sha256_before,
       l.ordinal,
       CASE WHEN l.ordinal = $2::bigint - 1
            THEN jsonb_build_array(l.time, l.change, coalesce(l.endpoint, 9223372036854775807), coalesce(l.place, 0), coalesce(encode(l.sha256, 'hex'), '')) END AS page_end
FROM page l
JOIN site ON site.id = l.site
LEFT JOIN LATERAL (SELECT p.id, p.host, p.path, p.inside FROM file_place p WHERE p.id = l.place OFFSET 0) p ON true
LEFT JOIN LATERAL (SELECT f.address, f.port, f.server_name FROM endpoint f WHERE f.id = l.from_endpoint OFFSET 0) f ON true
LEFT JOIN LATERAL (SELECT w.id, w.host, w.path, w.inside FROM file_place w WHERE w.id = l.from_place OFFSET 0) w ON true
LEFT JOIN LATERAL (SELECT n.name, n.issuer_name, n.not_after, n.sha256, n.owner_basis FROM certificate_now n WHERE n.certificate = l.after OFFSET 0) a ON true
LEFT JOIN LATERAL (                     -- what was loaded and is not judged yet has its facts
    SELECT a.name, a.issuer_name, a.not_after, a.sha256, a.owner_basis WHERE a.sha256 IS NOT NULL
    UNION ALL
    SELECT left(coalesce(x.common_names[1], x.subject), 1000), left(i.issuer, 1000), x.not_after, c.sha256, NULL
    FROM certificate_own x JOIN certificate c ON c.id = x.certificate JOIN profile i ON i.id = x.profile
    WHERE x.certificate = l.after AND a.sha256 IS NULL) n ON true
LEFT JOIN LATERAL (SELECT n.certificate, n.name, n.issuer_name, n.not_after, n.sha256, n.owner_basis FROM certificate_now n
                   WHERE n.certificate = l.before OFFSET 0) b ON true
LEFT JOIN LATERAL (                     -- what is nowhere any more is not judged any more, either
    SELECT b.name, b.issuer_name, b.not_after, b.sha256 WHERE b.certificate IS NOT NULL
    UNION ALL
    SELECT left(coalesce(x.common_names[1], x.subject), 1000), left(i.issuer, 1000), x.not_after, c.sha256
    FROM certificate_own x JOIN certificate c ON c.id = x.certificate JOIN profile i ON i.id = x.profile
    WHERE x.certificate = l.before AND b.certificate IS NULL) was ON true
LEFT JOIN LATERAL (SELECT j.owner_basis FROM endpoint_judged j WHERE j.endpoint = l.endpoint AND j.certificate = l.after OFFSET 0) j ON true
LEFT JOIN LATERAL (SELECT k.owner_basis FROM file_judged k WHERE k.place = l.place AND k.certificate = l.after OFFSET 0) k ON true
LEFT JOIN LATERAL (SELECT o.owner FROM owner_basis o WHERE o.id = coalesce(j.owner_basis, k.owner_basis, n.owner_basis, b.owner_basis) OFFSET 0) o ON true
WHERE $5::bigint[] IS NOT DISTINCT FROM $5
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, ordinal LIMIT $2::bigint
