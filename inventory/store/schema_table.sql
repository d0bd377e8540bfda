-- Creates the schema and the tables that record what was applied to it, if they do not exist. For a role that may
-- only load or read, they exist already.
DO $$
BEGIN
    IF to_regclass('certsweep.schema_object') IS NOT NULL THEN
        RETURN;
    END IF;
    IF to_regclass('public.schema_file') IS NOT NULL THEN
        RAISE EXCEPTION 'its schema was made by another development version, in "public"; before the first release that means: a new database, and the bundles loaded again';
    END IF;
    IF to_regnamespace('certsweep') IS NULL THEN
        CREATE SCHEMA certsweep;
    END IF;
    CREATE TABLE IF NOT EXISTS certsweep.schema_file (
        number integer PRIMARY KEY,
        name text COLLATE "C" NOT NULL,
        sha256 text COLLATE "C" NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    );
    -- What the files of views and functions have made, in this order: it is dropped before another version of a file is applied.
    CREATE TABLE certsweep.schema_object (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        file integer NOT NULL,
        kind text COLLATE "C" NOT NULL,         -- of DROP: VIEW, FUNCTION, INDEX
        identity text COLLATE "C" NOT NULL
    );
END $$
