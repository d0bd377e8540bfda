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
