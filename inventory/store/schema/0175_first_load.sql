-- What a first load pays for each row, and can have for less.

-- The loader alone writes what endpoints show, and chains: it marks them itself (nows_apply.sql, history_single_nows.sql, first_dirty.sql,
-- loader_chains_pending.sql). These triggers kept all new rows a second time.
DROP TRIGGER endpoint_now_new ON endpoint_now;
DROP TRIGGER chain_pending ON chain;
DROP FUNCTION chain_pending_add();

-- It writes the prefix of an endpoint, too: to compute it here cost as much as to store the row.
ALTER TABLE endpoint ALTER COLUMN prefix DROP EXPRESSION;

-- Indexes on hashes, into which each row goes at another place. The loader alone writes these tables, and looks up what it writes.
ALTER TABLE endpoint DROP CONSTRAINT endpoint_key_key;
CREATE UNIQUE INDEX endpoint_key ON endpoint (key);
ALTER TABLE chain DROP CONSTRAINT chain_sha256_key;
CREATE UNIQUE INDEX chain_sha256 ON chain (sha256);

-- Drops these indexes if `reference` has less than a quarter of the rows that are to come. Who reads these tables for longer than a
-- second keeps them their indexes. No index of a constraint is ever dropped; a unique one only where the loader alone writes the table.
CREATE OR REPLACE FUNCTION indexes_put_aside(the_task text, names text[], reference regclass, coming bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = certsweep, pg_temp AS $$
DECLARE
    present bigint;
    one record;
BEGIN
    IF NOT has_table_privilege(session_user, 'index_aside', 'INSERT') THEN
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
EXCEPTION WHEN lock_not_available THEN
    RETURN;
END $$;
