-- Stores what is new of the answers about what endpoints accept. What differs from one server test to the next (its hellos, the clock)
-- stands in a table of its own, so that a test that finds nothing new is a confirmation. A test's rows may come in two batches; of
-- an endpoint's tests the last one keeps its hellos.
INSERT INTO server_test AS t (endpoint, time, scan, connections, clock_detail, hellos)
SELECT endpoint, time, min(scan), max(CASE WHEN item = 'connections' AND value ~ '^[0-9]{1,6}$' THEN value::integer END),
       max(value) FILTER (WHERE item = 'clock' AND value <> 'untested'),
       array_agg(DISTINCT substr(item, 7) || ' ' || value || ' ' || detail) FILTER (WHERE item LIKE 'hello:%')
FROM in_posture WHERE item IN ('connections', 'clock') OR item LIKE 'hello:%'
GROUP BY endpoint, time
ON CONFLICT (endpoint, time) DO UPDATE
SET connections = coalesce(excluded.connections, t.connections), clock_detail = coalesce(excluded.clock_detail, t.clock_detail),
    hellos = (SELECT array_agg(DISTINCT hello) FROM unnest(t.hellos || excluded.hellos) hello);
UPDATE server_test t SET hellos = NULL
WHERE t.hellos IS NOT NULL AND t.endpoint IN (SELECT endpoint FROM in_posture WHERE item = 'connections')
  AND EXISTS (SELECT FROM server_test n JOIN scan ON scan.id = n.scan AND n.time <= scan.clock_limit
              WHERE n.endpoint = t.endpoint AND n.time > t.time);
DELETE FROM in_posture WHERE item IN ('connections', 'clock') OR item LIKE 'hello:%';
-- Where a scan asks all that is known of an endpoint, and every answer is the one before, that
-- is a bit of a confirmation (variant 0), like an unchanged answer to a hello.
INSERT INTO in_posture_same (endpoint, scan, first_at, last_at)
WITH asked AS MATERIALIZED (
    SELECT endpoint, count(*) AS rows, count(DISTINCT item) AS items, min(time) AS first_at, max(time) AS last_at, min(scan) AS scan
    FROM in_posture GROUP BY endpoint
), held AS MATERIALIZED (
    SELECT DISTINCT ON (p.endpoint, p.item) p.endpoint, p.item, p.time, p.value, p.detail, p.scan
    FROM asked JOIN posture p USING (endpoint)
    ORDER BY p.endpoint, p.item, p.time DESC
), known AS (
    SELECT endpoint, count(*) AS items FROM held GROUP BY endpoint
), agreed AS (
    SELECT i.endpoint, count(*) AS items
    FROM in_posture i JOIN held h ON h.endpoint = i.endpoint AND h.item = i.item
    WHERE i.value = h.value AND i.detail IS NOT DISTINCT FROM h.detail AND i.time > h.time AND i.scan <> h.scan
    GROUP BY i.endpoint
)
SELECT a.endpoint, a.scan, a.first_at, a.last_at
FROM asked a JOIN known k USING (endpoint) JOIN agreed g USING (endpoint)
WHERE a.rows = a.items AND k.items = a.items AND g.items = a.items AND a.last_at <= now() + interval '1 day'
  AND NOT EXISTS (SELECT FROM confirmation c
                  WHERE c.block = a.endpoint >> 12 AND c.variant = 0 AND c.scan <> a.scan AND c.last_at >= a.first_at
                    AND get_bit(c.bits, (a.endpoint & 4095)::integer) = 1);
INSERT INTO confirmation AS c (block, variant, scan, first_at, last_at, bits)
SELECT endpoint >> 12, 0, scan, min(first_at), max(last_at), bit_or(set_bit(0::bit(4096), (endpoint & 4095)::integer, 1))
FROM in_posture_same GROUP BY endpoint >> 12, scan
ON CONFLICT (block, variant, scan)
DO UPDATE SET bits = c.bits | excluded.bits, first_at = least(c.first_at, excluded.first_at),
              last_at = greatest(c.last_at, excluded.last_at);
DELETE FROM in_posture i USING in_posture_same s WHERE s.endpoint = i.endpoint;
-- A late answer would change the meaning of the next confirmation, so that is first stored as rows.
WITH late AS (
    SELECT DISTINCT ON (i.endpoint, i.time) i.endpoint, i.time, c.scan, c.last_at
    FROM (SELECT DISTINCT endpoint, time, scan FROM in_posture) i
    JOIN confirmation c ON c.block = i.endpoint >> 12 AND c.variant = 0 AND c.scan <> i.scan AND c.last_at >= i.time
    WHERE get_bit(c.bits, (i.endpoint & 4095)::integer) = 1
    ORDER BY i.endpoint, i.time, c.last_at
)
INSERT INTO posture (endpoint, item, time, value, detail, scan)
SELECT DISTINCT ON (n.endpoint, p.item, n.last_at) n.endpoint, p.item, n.last_at, p.value, p.detail, n.scan
FROM late n JOIN posture p ON p.endpoint = n.endpoint AND p.time <= n.last_at
ORDER BY n.endpoint, p.item, n.last_at, p.time DESC
ON CONFLICT (endpoint, item, time) DO NOTHING;
-- Of several answers to one question at one moment the greatest is kept, so that the order of loading does not matter.
INSERT INTO posture AS p (endpoint, item, time, value, detail, scan)
SELECT DISTINCT ON (endpoint, item, time) endpoint, item, time, value, detail, scan
FROM in_posture ORDER BY endpoint, item, time, value DESC, detail DESC
ON CONFLICT (endpoint, item, time) DO UPDATE SET value = excluded.value, detail = excluded.detail
WHERE (excluded.value, coalesce(excluded.detail, '')) > (p.value, coalesce(p.detail, ''))
