-- Analyzes tables that have more than doubled since they were last analyzed: the planner would take them for small, and may join
-- them by nested loops. The statements after a batch run before autovacuum gets there.
DO $$
DECLARE
    grown record;
BEGIN
    FOR grown IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE (c.oid IN ('certificate'::regclass, 'chain'::regclass, 'chain_certificate'::regclass, 'endpoint'::regclass,
                         'endpoint_now'::regclass, 'answer_now'::regclass, 'answer_past'::regclass, 'quiet'::regclass,
                         'confirmation'::regclass, 'sighting'::regclass, 'event'::regclass)
               OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'observation'::regclass))
          AND pg_relation_size(c.oid) / current_setting('block_size')::bigint > 2 * greatest(c.relpages, 0) + 8
    LOOP
        EXECUTE format('ANALYZE %s', grown.name);
    END LOOP;
END $$
