-- Deletes what was seen before a moment; returns the number of rows. Certificates, chains, endpoints and scans are kept, and of
-- each key the last answer, where a later confirmation repeats it or another came after it: so what came after is a change, not new. A
-- whole month before it is dropped as a partition, which is created again for the rows to keep. Spans and events are recomputed from the
-- rest; since when a leaf was served is kept.
CREATE FUNCTION forget_before(before timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    part record;
    rows bigint;
    forgotten bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(4849283742);          -- loader_lock.sql
    CREATE TEMP TABLE kept ON COMMIT DROP AS
        SELECT o.*
        FROM (SELECT DISTINCT ON (endpoint, role, variant, peer) * FROM observation WHERE time < before
              ORDER BY endpoint, role, variant, peer, time DESC) o
        WHERE EXISTS (SELECT FROM confirmation c
                      WHERE c.block = o.endpoint >> 12 AND c.variant = o.variant AND c.last_at >= before
                        AND get_bit(c.bits, (o.endpoint & 4095)::integer) = 1)
           OR EXISTS (SELECT FROM observation n
                      WHERE n.time >= before AND n.endpoint = o.endpoint AND n.role = o.role AND n.variant = o.variant
                        AND coalesce(n.peer, '::') = coalesce(o.peer, '::'));
    CREATE TEMP TABLE touched ON COMMIT DROP AS
        SELECT o.endpoint
        FROM (SELECT endpoint, count(*) AS count FROM observation WHERE time < before GROUP BY endpoint) o
        LEFT JOIN (SELECT endpoint, count(*) AS count FROM kept GROUP BY endpoint) k USING (endpoint)
        WHERE o.count > coalesce(k.count, 0)
        UNION SELECT endpoint FROM sighting WHERE last_at < before
        UNION SELECT endpoint FROM event WHERE time < before;
    SELECT (SELECT count(*) FROM observation WHERE time < before) - (SELECT count(*) FROM kept) INTO forgotten;
    INSERT INTO served_before AS b (certificate, first_seen)
    SELECT c.leaf, min(s.from_at)
    FROM touched t JOIN answer_span s USING (endpoint) JOIN chain c ON c.id = s.chain
    WHERE s.from_at < before
    GROUP BY c.leaf
    ON CONFLICT (certificate) DO UPDATE SET first_seen = excluded.first_seen WHERE excluded.first_seen < b.first_seen;
    INSERT INTO dirty                   -- what these were sent with is found by their answers alone
    SELECT DISTINCT 1, cc.certificate
    FROM (SELECT DISTINCT s.chain FROM touched t JOIN answer_span s USING (endpoint)) s JOIN chain_certificate cc ON cc.chain = s.chain
    WHERE cc.position > 0;

    FOR part IN
        SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound,
               substring(pg_get_expr(c.relpartbound, c.oid) FROM $re$FROM \('([^']+)'\)$re$)::timestamptz AS first,
               substring(pg_get_expr(c.relpartbound, c.oid) FROM $re$TO \('([^']+)'\)$re$)::timestamptz AS next
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'observation'::regclass AND c.relname <> 'observation_early'
    LOOP
        CONTINUE WHEN part.next > before;
        EXECUTE format('ALTER TABLE observation DETACH PARTITION %I', part.name);
        EXECUTE format('DROP TABLE %I', part.name);
        IF EXISTS (SELECT FROM kept WHERE time >= part.first AND time < part.next) THEN
            EXECUTE format('CREATE TABLE %I (LIKE observation INCLUDING DEFAULTS)', part.name);
            EXECUTE format('INSERT INTO %I SELECT * FROM kept WHERE time >= %L AND time < %L', part.name, part.first, part.next);
            EXECUTE format('ALTER TABLE observation ATTACH PARTITION %I %s', part.name, part.bound);
        END IF;
    END LOOP;
    DELETE FROM observation o
    WHERE o.time < before
      AND NOT EXISTS (SELECT FROM kept k WHERE k.endpoint = o.endpoint AND k.role = o.role AND k.variant = o.variant
                        AND k.peer IS NOT DISTINCT FROM o.peer AND k.time = o.time);

    DELETE FROM posture p
    WHERE p.time < before
      AND (EXISTS (SELECT FROM posture n WHERE n.endpoint = p.endpoint AND n.item = p.item AND n.time > p.time AND n.time < before)
           OR NOT EXISTS (SELECT FROM confirmation c
                          WHERE c.block = p.endpoint >> 12 AND c.variant = 0 AND c.last_at >= before
                            AND get_bit(c.bits, (p.endpoint & 4095)::integer) = 1));
    GET DIAGNOSTICS rows = ROW_COUNT;
    forgotten := forgotten + rows;
    DELETE FROM confirmation WHERE last_at < before;
    GET DIAGNOSTICS rows = ROW_COUNT;
    forgotten := forgotten + rows;
    DELETE FROM observation_ahead WHERE time < before;
    GET DIAGNOSTICS rows = ROW_COUNT;
    forgotten := forgotten + rows;
    UPDATE bundle SET told_sha256 = NULL                -- such a capture may be loaded again
    WHERE told_sha256 IS NOT NULL AND scan IN (SELECT scan FROM sighting WHERE last_at < before);
    DELETE FROM sighting WHERE last_at < before;
    GET DIAGNOSTICS rows = ROW_COUNT;
    forgotten := forgotten + rows;
    DELETE FROM server_test WHERE time < before;
    GET DIAGNOSTICS rows = ROW_COUNT;
    forgotten := forgotten + rows;
    DELETE FROM quiet WHERE to_at < before;
    GET DIAGNOSTICS rows = ROW_COUNT;
    forgotten := forgotten + rows;
    DELETE FROM name_asked WHERE time < before AND scan IN (SELECT id FROM scan WHERE finished_at < before);
    GET DIAGNOSTICS rows = ROW_COUNT;
    INSERT INTO recompute SELECT endpoint FROM touched ON CONFLICT DO NOTHING;
    RETURN forgotten + rows;
END $$;
