-- When endpoints and certificates were last seen. No table of the present state keeps it, since each scan would write it anew: it is looked up in what
-- scans confirmed and found. For all rows of a list at once, as 0100_list_columns.sql.

-- The confirmations of the scan that was loaded last, block by block: most endpoints answered in it. Few rows, so that they are hashed once.
CREATE VIEW confirmation_latest AS
    SELECT f.block, f.variant, f.scan, f.last_at, f.bits
    FROM endpoint_block b JOIN confirmation f USING (block, scan) WHERE b.latest_at >= b.before_at;

-- As of an earlier day (report_until): when an endpoint last answered until then. What tells a span of time that holds the moment was true at it.
CREATE FUNCTION answered_until(the_endpoint bigint, limit_at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greatest((SELECT max(time) FROM observation WHERE endpoint = the_endpoint AND role = 1 AND time <= limit_at),
                    (SELECT max(least(last_at, limit_at)) FROM sighting WHERE endpoint = the_endpoint AND role = 1 AND first_at <= limit_at),
                    (SELECT max(least(last_at, limit_at)) FROM confirmation
                     WHERE block = the_endpoint >> 12 AND first_at <= limit_at AND get_bit(bits, (the_endpoint & 4095)::integer) = 1))
$$;

-- When endpoints last answered; ids NULL: all. Most were confirmed by the scan loaded last; only the others are looked up one by one. The planner
-- takes `<> 0` for what is true of most rows, and `= 1` for what is true of few. For many, answered_at() is written out: to begin it costs more than
-- what it looks up; and for a page, to plan that would. Most blocks were confirmed by one kind of hello.
CREATE FUNCTION endpoints_last_seen(ids bigint[]) RETURNS TABLE (endpoint bigint, last_seen timestamptz) LANGUAGE plpgsql STABLE ROWS 200 AS $$
#variable_conflict use_column
DECLARE
    limit_at timestamptz := (SELECT until FROM report_until);
BEGIN
    IF limit_at < 'infinity' THEN
        RETURN QUERY SELECT e.id, answered_until(e.id, limit_at) FROM endpoint e WHERE ids IS NULL OR e.id = ANY (ids);
        RETURN;
    END IF;
    IF ids IS NULL OR cardinality(ids) > 5000 THEN
        RETURN QUERY
        WITH latest AS MATERIALIZED (
            SELECT f.block, array_agg(f.bits ORDER BY f.last_at DESC) AS bits, array_agg(f.last_at ORDER BY f.last_at DESC) AS at
            FROM confirmation_latest f GROUP BY f.block
        )
        SELECT q.endpoint, coalesce(q.last_at, greatest((SELECT max(o.time) FROM observation o WHERE o.endpoint = q.endpoint AND o.role = 1),
                                                        (SELECT max(g.last_at) FROM sighting g WHERE g.endpoint = q.endpoint AND g.role = 1),
                                                        (SELECT max(c.last_at) FROM confirmation c
                                                         WHERE c.block = q.endpoint >> 12 AND get_bit(c.bits, (q.endpoint & 4095)::integer) = 1)))
        FROM (SELECT u.endpoint,
                     CASE WHEN get_bit(f.bits[1], (u.endpoint & 4095)::integer) <> 0 THEN f.at[1]
                          WHEN cardinality(f.bits) > 1
                          THEN (SELECT max(b.at) FROM unnest(f.bits, f.at) b (bits, at) WHERE get_bit(b.bits, (u.endpoint & 4095)::integer) <> 0) END AS last_at
              FROM (SELECT e.id FROM endpoint e WHERE ids IS NULL UNION ALL SELECT DISTINCT unnest(ids)) u (endpoint)
              LEFT JOIN latest f ON f.block = u.endpoint >> 12) q;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT u.endpoint, coalesce(max(f.last_at), answered_at(u.endpoint))
    FROM unnest(ids) u (endpoint)
    LEFT JOIN confirmation_latest f ON f.block = u.endpoint >> 12 AND get_bit(f.bits, (u.endpoint & 4095)::integer) <> 0
    GROUP BY u.endpoint;
END $$;

-- serving.to_at with confirmed_at() written out: a function that cannot be inlined costs ten times as much as what it looks up, and most
-- certificates of many years are served no more.
CREATE VIEW span_seen AS
    SELECT s.chain,
           greatest(s.from_at,
                    (SELECT max(o.time) FROM observation o
                     WHERE o.endpoint = s.endpoint AND o.chain = s.chain AND o.role = s.role AND o.variant = s.variant
                       AND o.peer IS NOT DISTINCT FROM s.peer AND (s.closed_at IS NULL OR o.time < s.closed_at)),
                    CASE WHEN s.variant = 8 THEN
                        (SELECT max(g.last_at) FROM sighting g
                         WHERE g.endpoint = s.endpoint AND g.chain = s.chain AND g.role = s.role
                           AND g.peer IS NOT DISTINCT FROM s.peer AND (s.closed_at IS NULL OR g.last_at < s.closed_at)) END,
                    CASE WHEN s.role = 1 AND s.peer IS NULL THEN
                        (SELECT max(f.last_at) FROM confirmation f
                         WHERE f.block = s.endpoint >> 12 AND f.variant = s.variant AND f.last_at >= s.from_at
                           AND (s.closed_at IS NULL OR f.first_at < s.closed_at)
                           AND get_bit(f.bits, (s.endpoint & 4095)::integer) = 1) END) AS to_at
    FROM answer_span s
    WHERE s.chain IS NOT NULL;

-- The same as of an earlier day: of a span that began until then.
CREATE FUNCTION span_until(s answer_span, limit_at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greatest(s.from_at,
                    (SELECT max(o.time) FROM observation o
                     WHERE o.endpoint = s.endpoint AND o.chain = s.chain AND o.role = s.role AND o.variant = s.variant
                       AND o.peer IS NOT DISTINCT FROM s.peer AND (s.closed_at IS NULL OR o.time < s.closed_at) AND o.time <= limit_at),
                    CASE WHEN s.variant = 8 THEN
                        (SELECT max(least(g.last_at, limit_at)) FROM sighting g
                         WHERE g.endpoint = s.endpoint AND g.chain = s.chain AND g.role = s.role
                           AND g.peer IS NOT DISTINCT FROM s.peer AND (s.closed_at IS NULL OR g.last_at < s.closed_at) AND g.first_at <= limit_at) END,
                    CASE WHEN s.role = 1 AND s.peer IS NULL THEN
                        (SELECT max(least(f.last_at, limit_at)) FROM confirmation f
                         WHERE f.block = s.endpoint >> 12 AND f.variant = s.variant AND f.last_at >= s.from_at AND f.first_at <= limit_at
                           AND (s.closed_at IS NULL OR f.first_at < s.closed_at)
                           AND get_bit(f.bits, (s.endpoint & 4095)::integer) = 1) END)
$$;

-- When any endpoint last showed these certificates as its own: of those that are served now, when one of these endpoints was last seen. The scan
-- loaded last confirmed most, and found some anew; what it did not, was seen at most until at_most, when the block was seen before. Only where that
-- is later is looked up one by one. How many spans that leaves cannot be told beforehand:
-- the settings keep the planner from sorting hundreds of thousands that it takes for a few.
CREATE FUNCTION certificates_last_seen(ids bigint[]) RETURNS TABLE (certificate bigint, last_seen timestamptz) LANGUAGE plpgsql STABLE ROWS 200
SET enable_sort = off SET enable_memoize = off AS $$
#variable_conflict use_column
DECLARE
    limit_at timestamptz := (SELECT until FROM report_until);
BEGIN
    IF limit_at < 'infinity' THEN
        RETURN QUERY
        SELECT u.id, (SELECT max(span_until(s, limit_at)) FROM chain c JOIN answer_span s ON s.chain = c.id WHERE c.leaf = u.id AND s.from_at <= limit_at)
        FROM (SELECT DISTINCT unnest(ids) AS id) u;
        RETURN;
    END IF;
    -- reads every span once, whatever it shows, and joins what is left of them with the ids last
    IF cardinality(ids) > 5000 AND are_more_than(0.15, ids, 'certificate_now') THEN
        RETURN QUERY
        WITH latest AS MATERIALIZED (           -- a row a block, for the planner; by kind of hello (variant.id, 1 and up): what the scan loaded last confirmed, or NULL
            SELECT b.block, min(b.before_at) AS before_at, CASE WHEN bool_and(b.latest_at >= b.before_at) THEN min(b.scan) END AS scan,
                   array_agg(f.last_at ORDER BY v.id) AS at, array_agg(f.bits ORDER BY v.id) AS bits
            FROM endpoint_block b CROSS JOIN variant v
            LEFT JOIN confirmation f ON f.block = b.block AND f.variant = v.id AND f.scan = b.scan AND b.latest_at >= b.before_at
            GROUP BY b.block
        ), span AS (
            SELECT s.chain, greatest(CASE WHEN get_bit(f.bits[s.variant], (s.endpoint & 4095)::integer) <> 0 THEN f.at[s.variant] END, o.time) AS seen_at,
                   coalesce(f.before_at, 'infinity') AS before_at
            FROM answer_now s
            LEFT JOIN latest f ON f.block = s.endpoint >> 12
            LEFT JOIN (         -- what these scans found; of many scans before them only the latest is read
                SELECT o.endpoint, o.scan, o.chain, o.variant, o.time FROM observation o
                WHERE o.role = 1 AND o.peer IS NULL AND o.scan IN (SELECT b.scan FROM endpoint_block b)
                  AND o.time >= (SELECT min(n.first_at) FROM scan n WHERE n.id IN (SELECT b.scan FROM endpoint_block b))) o
                ON o.endpoint = s.endpoint AND o.scan = s.scan AND o.chain = s.chain AND o.variant = s.variant AND s.scan = f.scan
            WHERE s.closed_at IS NULL AND s.role = 1 AND s.peer IS NULL
        ), quick AS MATERIALIZED (
            SELECT chain, max(seen_at) AS last_at, max(before_at) FILTER (WHERE seen_at IS NULL) AS at_most FROM span GROUP BY chain
        )
        SELECT u.id, CASE WHEN l.last_at >= coalesce(l.at_most, '-infinity') THEN l.last_at
                          ELSE (SELECT max(s.to_at) FROM chain c JOIN span_seen s ON s.chain = c.id WHERE c.leaf = u.id) END
        FROM (SELECT DISTINCT unnest(ids) AS id) u
        LEFT JOIN (SELECT c.leaf, max(q.last_at) AS last_at, max(q.at_most) AS at_most FROM quick q JOIN chain c ON c.id = q.chain GROUP BY c.leaf) l ON l.leaf = u.id;
        RETURN;
    END IF;
    RETURN QUERY
    WITH shown AS (
        SELECT c.leaf, s.chain, s.endpoint, s.variant, s.scan, b.block, coalesce(b.before_at, 'infinity') AS before_at,
               CASE WHEN b.latest_at >= b.before_at THEN b.scan END AS latest
        FROM unnest(ids) u (id)
        JOIN chain c ON c.leaf = u.id
        JOIN answer_now s ON s.chain = c.id AND s.closed_at IS NULL AND s.role = 1 AND s.peer IS NULL
        LEFT JOIN endpoint_block b ON b.block = s.endpoint >> 12
    ), seen AS (
        SELECT s.leaf, s.before_at, greatest(f.last_at, o.time) AS seen_at
        FROM shown s
        LEFT JOIN confirmation f ON f.block = s.block AND f.variant = s.variant AND f.scan = s.latest AND get_bit(f.bits, (s.endpoint & 4095)::integer) <> 0
        LEFT JOIN observation o ON o.endpoint = s.endpoint AND o.scan = s.latest AND o.chain = s.chain AND o.variant = s.variant
                               AND o.role = 1 AND o.peer IS NULL AND s.scan = s.latest
    ), quick AS MATERIALIZED (
        SELECT leaf, max(seen_at) AS last_at, max(before_at) FILTER (WHERE seen_at IS NULL) AS at_most FROM seen GROUP BY leaf
    )
    SELECT u.id, CASE WHEN q.last_at >= coalesce(q.at_most, '-infinity') THEN q.last_at
                      ELSE (SELECT max(s.to_at) FROM chain c JOIN span_seen s ON s.chain = c.id WHERE c.leaf = u.id) END
    FROM unnest(ids) u (id) LEFT JOIN quick q ON q.leaf = u.id;
END $$;
