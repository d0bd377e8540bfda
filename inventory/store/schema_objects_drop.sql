-- Drops what the files of views and functions from number certsweep.from_file on have made, the latest first. Its caller applies them again.
DO $$
DECLARE
    made record;
    first integer := current_setting('certsweep.from_file')::integer;
BEGIN
    FOR made IN SELECT kind, identity FROM schema_object WHERE file >= first ORDER BY number DESC LOOP
        EXECUTE format('DROP %s IF EXISTS %s', made.kind, made.identity);
    END LOOP;
    -- An index of theirs that a killed load or run has left out is theirs to make, too.
    DELETE FROM index_aside a USING schema_object o WHERE o.kind = 'INDEX' AND o.file >= first AND o.identity = format('certsweep.%I', a.name);
    DELETE FROM schema_file WHERE number IN (SELECT file FROM schema_object WHERE file >= first);
    DELETE FROM schema_object WHERE file >= first;
END $$
