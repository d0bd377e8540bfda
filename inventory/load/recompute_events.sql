-- Events and state of an endpoint's own certificates, from what was seen (serving is made already).
-- A negative is an answer without a certificate in a finished scan: the endpoint's own, the bare port's "not TLS", or
-- a refusal in the mass. It speaks only where nothing was seen within its span, for then the order is unknown.
WITH positive AS (
    SELECT o.endpoint, o.chain, o.time AS first_at, o.time AS last_at
    FROM in_work w JOIN observation o ON o.endpoint = w.endpoint
    JOIN scan ON scan.id = o.scan AND o.time <= scan.clock_limit
    WHERE o.chain IS NOT NULL AND o.role = 1
    UNION ALL
    SELECT s.endpoint, s.chain, s.first_at, s.last_at
    FROM in_work w JOIN sighting s ON s.endpoint = w.endpoint
    JOIN scan ON scan.id = s.scan AND s.last_at <= scan.clock_limit
    WHERE s.chain IS NOT NULL AND s.role = 1
), had AS (
    SELECT endpoint FROM positive GROUP BY endpoint
), negative_seen AS (
    SELECT w.endpoint, ob.time AS from_at, ob.time AS to_at
    FROM had w
    JOIN endpoint e ON e.id = w.endpoint
    JOIN endpoint sibling ON sibling.site = e.site AND sibling.address = e.address AND sibling.port = e.port
                         AND sibling.transport = e.transport AND sibling.zone = e.zone
                         AND (sibling.id = e.id OR sibling.server_name = '')
    JOIN observation ob ON ob.endpoint = sibling.id AND ob.chain IS NULL AND ob.role = 1
    JOIN outcome o ON o.id = ob.outcome AND o.is_absence
    JOIN scan ON scan.id = ob.scan AND scan.finished_at IS NOT NULL AND ob.time <= scan.clock_limit
    WHERE sibling.id = e.id OR o.name = 'not_tls'
    UNION ALL
    SELECT w.endpoint, q.from_at, q.to_at
    FROM had w
    JOIN endpoint e ON e.id = w.endpoint AND e.zone = ''
    JOIN quiet q ON q.prefix = e.prefix AND q.port = e.port AND q.transport = e.transport
    JOIN outcome o ON o.id = q.outcome AND o.is_absence
    JOIN scan ON scan.id = q.scan AND scan.site = e.site AND scan.finished_at IS NOT NULL
             AND q.to_at <= scan.clock_limit
    WHERE get_bit(q.addresses, (e.address - host(q.prefix)::inet)::integer) = 1
), negative AS (
    SELECT n.endpoint, n.to_at AS time
    FROM negative_seen n
    WHERE NOT EXISTS (SELECT FROM positive p WHERE p.endpoint = n.endpoint
                      AND p.first_at <= n.to_at AND p.last_at >= n.from_at)
), item AS (
    SELECT p.endpoint, p.first_at AS time, p.chain, c.sha256, true AS is_there
    FROM positive p JOIN chain c ON c.id = p.chain
    UNION ALL
    SELECT endpoint, time, NULL, NULL, false FROM negative
), line AS (
    SELECT endpoint, time, chain, is_there,
           lag(is_there) OVER w AS was_there,
           lag(chain) OVER w AS chain_before
    FROM item
    WINDOW w AS (PARTITION BY endpoint ORDER BY time, sha256 NULLS FIRST)
), turn AS (
    SELECT endpoint, time, chain, chain_before, is_there, was_there,
           bool_or(is_there) OVER (PARTITION BY endpoint ORDER BY time, is_there
                                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ever
    FROM line
    WHERE was_there IS DISTINCT FROM is_there
), turned AS (
    INSERT INTO event (endpoint, kind, time, variant, chain_before, chain_after)
    SELECT endpoint,
           CASE WHEN NOT is_there THEN 'gone' WHEN ever THEN 'returned' ELSE 'new' END,
           time, NULL, CASE WHEN is_there THEN NULL ELSE chain_before END, chain
    FROM turn
    WHERE is_there OR ever
    RETURNING endpoint, kind, time
), last_turn AS (
    SELECT DISTINCT ON (endpoint) endpoint, kind, time FROM turned ORDER BY endpoint, time DESC
), seen_span AS (
    SELECT endpoint, min(first_at) AS first_at, max(last_at) AS last_at FROM positive GROUP BY endpoint
), answer AS (
    SELECT DISTINCT ON (endpoint) endpoint, time, outcome
    FROM (
        SELECT o.endpoint, o.time, o.outcome
        FROM in_work w JOIN observation o ON o.endpoint = w.endpoint
        JOIN scan ON scan.id = o.scan AND o.time <= scan.clock_limit WHERE o.role = 1
        UNION ALL
        SELECT s.endpoint, s.last_at, s.outcome
        FROM in_work w JOIN sighting s ON s.endpoint = w.endpoint
        JOIN scan ON scan.id = s.scan AND s.last_at <= scan.clock_limit WHERE s.role = 1) a
    ORDER BY endpoint, time DESC, outcome
)
INSERT INTO endpoint_state (endpoint, first_certificate_at, last_certificate_at, last_answer_at, last_outcome, gone_at)
SELECT w.endpoint, seen_span.first_at, seen_span.last_at, answer.time, answer.outcome,
       CASE WHEN last_turn.kind = 'gone' THEN last_turn.time END
FROM in_work w
LEFT JOIN seen_span ON seen_span.endpoint = w.endpoint
LEFT JOIN answer ON answer.endpoint = w.endpoint
LEFT JOIN last_turn ON last_turn.endpoint = w.endpoint
