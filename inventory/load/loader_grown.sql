-- Have the tables of places and observations more than doubled since the planner was last told of them? It then takes
-- them for small, and may compare each row of one with each of the other. Column: t or f
SELECT EXISTS (
    SELECT FROM pg_class c
    WHERE (c.oid = 'endpoint'::regclass OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'observation'::regclass))
      AND pg_relation_size(c.oid) / current_setting('block_size')::bigint > 2 * c.relpages + 8)
