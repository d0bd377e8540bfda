-- What has changed since a day or a run? $1 filter ("since": a date, or "last", which is what the latest run found), $2 rows or NULL,
-- $3 and $4 column to sort by, up and down, $5 (not used), $6 endpoints that can be wanted or NULL. The latest first.
-- A certificate that left one endpoint and came at another is one row, moved, not two.
WITH bound AS MATERIALIZED (
    SELECT CASE WHEN coalesce($1::jsonb->>'since', 'last') <> 'last' THEN ($1::jsonb->>'since')::timestamptz
                ELSE coalesce((SELECT coalesce(first_at, started_at) FROM scan
                               WHERE coalesce(first_at, started_at) <= clock_limit ORDER BY started_at DESC LIMIT 1), '-infinity') END AS since
), happened AS MATERIALIZED (
    SELECT e.endpoint, e.kind, e.time, b.leaf AS before, a.leaf AS after
    FROM bound JOIN event e ON e.time >= bound.since
    LEFT JOIN chain b ON b.id = e.chain_before
    LEFT JOIN chain a ON a.id = e.chain_after
), gone AS MATERIALIZED (               -- the last leaf of a place that shows it no more
    SELECT h.endpoint, h.time, c.leaf
    FROM happened h
    CROSS JOIN LATERAL (SELECT c.leaf FROM answer_span s JOIN chain c ON c.id = s.chain
                        WHERE s.endpoint = h.endpoint AND s.role = 1 AND s.from_at <= h.time ORDER BY s.from_at DESC LIMIT 1) c
    WHERE h.kind = 'gone'
    UNION ALL
    SELECT endpoint, time, before FROM happened WHERE kind = 'changed'
), come AS MATERIALIZED (
    SELECT h.endpoint, h.time, h.kind, coalesce(h.after, c.leaf) AS leaf, h.before
    FROM happened h
    LEFT JOIN LATERAL (SELECT c.leaf FROM answer_span s JOIN chain c ON c.id = s.chain
                       WHERE s.endpoint = h.endpoint AND s.role = 1 AND s.from_at <= h.time ORDER BY s.from_at DESC LIMIT 1) c ON h.after IS NULL
    WHERE h.kind IN ('new', 'returned', 'changed')
), moved AS MATERIALIZED (              -- pairs each departure with the nearest arrival elsewhere at its site; of two arrivals, one is new
    SELECT DISTINCT ON (x.from_endpoint, x.leaf, x.left_at) x.*
    FROM (SELECT DISTINCT ON (c.endpoint, c.leaf) c.endpoint, c.leaf, c.time, g.endpoint AS from_endpoint, g.time AS left_at,
                 abs(date_part('epoch', c.time - g.time)) AS apart
          FROM come c
          JOIN gone g ON g.leaf = c.leaf AND g.endpoint <> c.endpoint
          JOIN endpoint ce ON ce.id = c.endpoint
          JOIN endpoint ge ON ge.id = g.endpoint AND ge.site = ce.site
          ORDER BY c.endpoint, c.leaf, apart, g.endpoint) x
    ORDER BY x.from_endpoint, x.leaf, x.left_at, x.apart, x.endpoint
), line (change, time, endpoint, from_endpoint, after, before) AS (
    SELECT 'moved', time, endpoint, from_endpoint, leaf, NULL::bigint FROM moved
    UNION ALL
    SELECT CASE WHEN c.kind <> 'changed' THEN c.kind
                WHEN a.name_set = b.name_set AND a.not_after > b.not_after AND pa.issuer_folded IS NOT DISTINCT FROM pb.issuer_folded THEN 'renewed'
                WHEN a.name_set = b.name_set AND pa.issuer_folded IS DISTINCT FROM pb.issuer_folded THEN 'issuer swapped'
                ELSE 'replaced' END, c.time, c.endpoint, NULL, c.leaf, c.before
    FROM come c
    LEFT JOIN certificate_own a ON a.certificate = c.leaf
    LEFT JOIN profile pa ON pa.id = a.profile
    LEFT JOIN certificate_own b ON b.certificate = c.before
    LEFT JOIN profile pb ON pb.id = b.profile
    WHERE NOT EXISTS (SELECT FROM moved m WHERE m.endpoint = c.endpoint AND m.leaf = c.leaf)
    UNION ALL
    SELECT 'gone', g.time, g.endpoint, NULL, NULL, g.leaf
    FROM gone g JOIN happened h ON h.endpoint = g.endpoint AND h.time = g.time AND h.kind = 'gone'
    WHERE NOT EXISTS (SELECT FROM moved m WHERE m.from_endpoint = g.endpoint AND m.leaf = g.leaf)
    UNION ALL
    SELECT 'superseded', j.deployment_since, j.endpoint, NULL, j.certificate, NULL
    FROM bound JOIN endpoint_judged j ON j.deployment = 'superseded but served' AND j.deployment_since >= bound.since
)
SELECT * FROM (
SELECT l.change, l.time, site.name AS site, place_text(e.address, e.port, e.server_name) AS places,
       place_text(f.address, f.port, f.server_name) AS moved_from, coalesce(n.name, b.name) AS name,
       CASE WHEN n.name <> b.name THEN b.name END AS name_before, n.issuer_name AS issuer, b.issuer_name AS issuer_before,
       n.not_after, b.not_after AS not_after_before, o.owner, encode(n.sha256, 'hex') AS sha256, encode(b.sha256, 'hex') AS sha256_before,
       l.endpoint
FROM line l
JOIN endpoint e ON e.id = l.endpoint
JOIN site ON site.id = e.site
LEFT JOIN endpoint f ON f.id = l.from_endpoint
LEFT JOIN certificate_now n ON n.certificate = l.after
LEFT JOIN certificate_now b ON b.certificate = l.before
LEFT JOIN endpoint_judged j ON j.endpoint = l.endpoint AND j.certificate = l.after
LEFT JOIN owner_basis o ON o.id = coalesce(j.owner_basis, n.owner_basis, b.owner_basis)
WHERE $5::bigint[] IS NOT DISTINCT FROM $5
  AND ($1::jsonb->>'site' IS NULL OR site.name = $1::jsonb->>'site')
  AND ($1::jsonb->>'network' IS NULL OR e.address <<= ($1::jsonb->>'network')::inet)
  AND ($1::jsonb->>'port' IS NULL OR e.port = ($1::jsonb->>'port')::integer)
  AND (NOT $1::jsonb ?| '{owner,issuer,name,rule,severity,kind,source,within,due}'
       OR l.endpoint IN (SELECT p.endpoint FROM places_wanted($1::jsonb, $6::bigint[]) p)
       OR coalesce(l.after, l.before) IN (SELECT w.certificate FROM certificates_wanted($1::jsonb - '{site,network,port}'::text[], NULL) w))
) q ORDER BY to_jsonb(q) -> $3, to_jsonb(q) -> $4 DESC NULLS LAST, time DESC, change, endpoint, sha256 LIMIT $2::bigint
