-- Drops what the files of views and functions from number certsweep.from_file on have made, the latest first. Its caller applies them again.
DO $$
DECLARE
    made record;
    first integer := current_setting('certsweep.from_file')::integer;
BEGIN
    FOR made IN SELECT kind, identity FROM schema_object WHERE file >= first ORDER BY number DESC LOOP
        EXECUTE format('DROP %s IF EXISTS %s', made.kind, made.identity);
    END LOOP;
    DELETE FROM schema_file WHERE number IN (SELECT file FROM schema_object WHERE file >= first);
    DELETE FROM schema_object WHERE file >= first;
END $$
