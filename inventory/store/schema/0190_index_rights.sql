-- What is written in index_aside is run as the schema's owner: so only these functions write there (schema_grants.sql), and who loads is who may
-- store chains. Nor is a view read for them, whose functions would run so. Who waits for a table that this has, and has one that this waits for, keeps the indexes, too.

-- Drops these indexes if `reference` has less than a quarter of the rows that are to come. Who reads these tables for longer than a
-- second keeps them their indexes. No index of a constraint is ever dropped; a unique one only where the loader alone writes the table.
CREATE OR REPLACE FUNCTION indexes_put_aside(the_task text, names text[], reference regclass, coming bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = certsweep, pg_temp AS $$
DECLARE
    present bigint;
    one record;
BEGIN
    IF NOT has_table_privilege(session_user, 'chain', 'INSERT') OR
       NOT EXISTS (SELECT FROM pg_class WHERE oid = reference AND relkind = 'r' AND relnamespace = 'certsweep'::regnamespace) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who loads may drop indexes';
    END IF;
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %s LIMIT %s) AS t', reference, coming / 4) INTO present;
    IF coming < 5000 OR present = coming / 4 THEN
        RETURN;
    END IF;
    PERFORM set_config('lock_timeout', '1s', true);
    FOR one IN
        SELECT c.relname, pg_get_indexdef(c.oid) AS definition
        FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
        WHERE c.relnamespace = 'certsweep'::regnamespace AND c.relname = ANY (names)
          AND (NOT i.indisunique OR c.relname IN ('endpoint_key', 'chain_sha256'))
    LOOP
        -- Of a partitioned table: on its partitions, too.
        INSERT INTO index_aside VALUES (one.relname, the_task, replace(one.definition, ' ON ONLY ', ' ON '));
        EXECUTE format('DROP INDEX %I', one.relname);
    END LOOP;
    PERFORM set_config('lock_timeout', '0', true);
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
    RETURN;
END $$;
