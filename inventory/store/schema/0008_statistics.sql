-- Updates the planner's statistics of tables that got many rows, since the next statements cannot wait for autovacuum. Only a
-- table's owner may do so, hence this function.
CREATE FUNCTION statistics_renew(tables regclass[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = certsweep, pg_temp AS $$
DECLARE
    one regclass;
BEGIN
    FOREACH one IN ARRAY tables LOOP
        EXECUTE format('ANALYZE %s', one);
    END LOOP;
END $$;

-- Which of these tables have more than doubled since they were analyzed: the planner would take them for small and might join
-- them by nested loops.
CREATE FUNCTION statistics_renew_grown(tables regclass[]) RETURNS void LANGUAGE sql AS $$
    SELECT statistics_renew(coalesce(array_agg(oid::regclass), '{}'))
    FROM pg_class
    WHERE oid = ANY (tables) AND pg_relation_size(oid) / current_setting('block_size')::bigint > 2 * greatest(relpages, 0) + 8
$$;
