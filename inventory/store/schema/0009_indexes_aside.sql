-- Where a load brings many times what is there, building an index at its end costs a fifth of keeping it row by row. So indexes that
-- the load itself does not use are dropped first, and built again when the rows are in; a first judgement does the same. Until then
-- they are listed here: a process killed in between leaves the list, and the next one builds them. No unique index is ever
-- dropped.
CREATE TABLE index_aside (
    name text COLLATE "C" PRIMARY KEY,
    task text COLLATE "C" NOT NULL,     -- 'load', 'judgement': who dropped it and builds it again
    definition text COLLATE "C" NOT NULL
);

-- Drops these indexes if `reference` has less than a quarter of the rows that are to come. Who reads these tables for longer than a
-- second keeps them their indexes.
CREATE FUNCTION indexes_put_aside(the_task text, names text[], reference regclass, coming bigint) RETURNS void
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
        WHERE c.relnamespace = 'certsweep'::regnamespace AND c.relname = ANY (names) AND NOT i.indisunique
    LOOP
        -- Of a partitioned table: on its partitions, too.
        INSERT INTO index_aside VALUES (one.relname, the_task, replace(one.definition, ' ON ONLY ', ' ON '));
        EXECUTE format('DROP INDEX %I', one.relname);
    END LOOP;
    PERFORM set_config('lock_timeout', '0', true);
EXCEPTION WHEN lock_not_available THEN
    RETURN;
END $$;

CREATE FUNCTION indexes_put_back(the_task text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = certsweep, pg_temp AS $$
DECLARE
    one record;
BEGIN
    LOCK TABLE index_aside IN EXCLUSIVE MODE;           -- no other process builds the same
    FOR one IN SELECT name, definition FROM index_aside WHERE task = the_task ORDER BY name LOOP
        EXECUTE one.definition;
        DELETE FROM index_aside WHERE name = one.name;
    END LOOP;
END $$;
