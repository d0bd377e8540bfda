-- Analyzes those of these tables that have more than doubled since they were analyzed (0008_statistics.sql), or never were. Of a small table that
-- never was, the planner takes a condition that most rows meet for one that few do, and reads the table that it joins once for each row.
CREATE OR REPLACE FUNCTION statistics_renew_grown(tables regclass[]) RETURNS void LANGUAGE sql AS $$
    SELECT statistics_renew(coalesce(array_agg(oid::regclass), '{}'))
    FROM pg_class
    WHERE oid = ANY (tables)
      AND (pg_relation_size(oid) / current_setting('block_size')::bigint > 2 * greatest(relpages, 0) + 8
           OR (reltuples < 0 AND relkind = 'r' AND pg_relation_size(oid) > 0))
$$;
