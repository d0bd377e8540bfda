-- Intervals from everything seen. Most variants of most endpoints have shown one chain only: that is one interval
-- (simple). For the others time is cut into units, in each of which the chains of one variant stand side by
-- side: a scan is one unit; an hour of a capture is one for as long as its chains overlap. A chain's interval is a
-- run of units that all hold it. Ties are broken by what does not depend on the order of loading.
WITH seen AS (
    SELECT o.endpoint, o.role, o.peer, o.variant, o.chain, o.scan, NULL::timestamptz AS hour, o.time AS first_at,
           o.time AS last_at, 1::numeric AS count
    FROM in_work w JOIN observation o ON o.endpoint = w.endpoint
    JOIN scan ON scan.id = o.scan AND o.time <= scan.clock_limit
    WHERE o.chain IS NOT NULL
    UNION ALL
    SELECT s.endpoint, s.role, s.peer, 8::smallint, s.chain, s.scan, s.hour, s.first_at, s.last_at, s.count
    FROM in_work w JOIN sighting s ON s.endpoint = w.endpoint
    JOIN scan ON scan.id = s.scan AND s.last_at <= scan.clock_limit
    WHERE s.chain IS NOT NULL
), key AS MATERIALIZED (
    SELECT endpoint, role, peer, variant, min(chain) AS chain, max(chain) AS other_chain, min(first_at) AS from_at,
           max(last_at) AS to_at, sum(count) AS count
    FROM seen
    GROUP BY endpoint, role, peer, variant
), simple AS (
    INSERT INTO serving (endpoint, role, peer, variant, chain, from_at, to_at, closed_at, count, several)
    SELECT endpoint, role, peer, variant, chain, from_at, to_at, NULL, count, false FROM key WHERE chain = other_chain
), in_unit AS (
    SELECT seen.endpoint, seen.role, seen.peer, seen.variant, seen.chain, c.sha256, scan.scan_id, seen.hour,
           min(seen.first_at) AS first_at, max(seen.last_at) AS last_at, sum(seen.count) AS count
    FROM seen
    JOIN key ON key.endpoint = seen.endpoint AND key.role = seen.role AND key.variant = seen.variant
            AND key.peer IS NOT DISTINCT FROM seen.peer AND key.chain <> key.other_chain
    JOIN chain c ON c.id = seen.chain
    JOIN scan ON scan.id = seen.scan
    GROUP BY seen.endpoint, seen.role, seen.peer, seen.variant, seen.chain, c.sha256, scan.scan_id, seen.hour
), cut AS (
    SELECT *,
           (hour IS NOT NULL AND first_at > max(last_at) OVER (
               PARTITION BY endpoint, role, peer, variant, scan_id, hour ORDER BY first_at, last_at, sha256
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))::integer AS is_cut
    FROM in_unit
), part AS (
    SELECT *,
           coalesce(sum(is_cut) OVER (
               PARTITION BY endpoint, role, peer, variant, scan_id, hour ORDER BY first_at, last_at, sha256), 0) AS part
    FROM cut
), unit AS (
    SELECT *,
           min(first_at) OVER w AS unit_at,
           count(*) OVER w > 1 AS several
    FROM part
    WINDOW w AS (PARTITION BY endpoint, role, peer, variant, scan_id, hour, part)
), numbered AS (
    SELECT *,
           dense_rank() OVER (PARTITION BY endpoint, role, peer, variant
                              ORDER BY unit_at, scan_id, hour NULLS FIRST, part) AS n
    FROM unit
), run AS (
    SELECT *,
           n - row_number() OVER (PARTITION BY endpoint, role, peer, variant, chain ORDER BY n) AS run,
           max(n) OVER (PARTITION BY endpoint, role, peer, variant) AS last_n
    FROM numbered
), span AS (
    SELECT endpoint, role, peer, variant, chain, min(first_at) AS from_at, max(last_at) AS to_at, sum(count) AS count,
           bool_or(several) AS several, max(n) AS n, max(last_n) AS last_n
    FROM run
    GROUP BY endpoint, role, peer, variant, chain, run
), starts AS (
    SELECT DISTINCT endpoint, role, peer, variant, n, unit_at FROM numbered
)
INSERT INTO serving (endpoint, role, peer, variant, chain, from_at, to_at, closed_at, count, several)
SELECT span.endpoint, span.role, span.peer, span.variant, span.chain, span.from_at, span.to_at, next.unit_at,
       span.count, span.several
FROM span
LEFT JOIN starts next ON next.endpoint = span.endpoint AND next.role = span.role AND next.variant = span.variant
                     AND next.peer IS NOT DISTINCT FROM span.peer AND next.n = span.n + 1
