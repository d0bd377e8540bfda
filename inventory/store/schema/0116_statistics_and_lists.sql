-- Lists to which rows come by the million, and go by DELETE when their work is done: who asks next whether a list is empty would read
-- all that the rows have left behind. So the space of empty lists is given back at once, unless somebody is using one.
CREATE FUNCTION emptied_lists_clear() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = certsweep, pg_temp AS $$
DECLARE
    one regclass;
    is_empty boolean;
BEGIN
    FOREACH one IN ARRAY ARRAY['dirty', 'facts_pending', 'trust_pending', 'chain_pending', 'name_pending', 'staple_pending']::regclass[] LOOP
        CONTINUE WHEN pg_relation_size(one) < 256 << 10;
        BEGIN
            EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE NOWAIT', one);      -- nobody has rows that we cannot see
            EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', one) INTO is_empty;
            IF is_empty THEN
                EXECUTE format('TRUNCATE %s', one);
            END IF;
        EXCEPTION WHEN lock_not_available THEN
            NULL;
        END;
    END LOOP;
END $$;

-- Statistics over all partitions of a table, which nothing else makes: without them a join by endpoint is taken for one with every row,
-- and the statements after it read whole tables for a few endpoints. Renewed when the partitions have doubled.
CREATE FUNCTION statistics_of_partitions() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = certsweep, pg_temp AS $$
DECLARE
    one regclass;
BEGIN
    FOR one IN
        SELECT p.oid
        FROM pg_class p JOIN pg_inherits i ON i.inhparent = p.oid JOIN pg_class c ON c.oid = i.inhrelid
        WHERE p.oid IN ('answer_span'::regclass, 'observation'::regclass)
        GROUP BY p.oid, p.reltuples
        HAVING sum(CASE WHEN c.reltuples >= 0 THEN c.reltuples ELSE pg_relation_size(c.oid) / 150 END) > 2 * greatest(p.reltuples, 0) + 1000
    LOOP
        EXECUTE format('ANALYZE %s (endpoint, chain)', one);
    END LOOP;
END $$;
