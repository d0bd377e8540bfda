-- What the roles may do, where the server has them: certsweep_loader loads, imports and reconciles, and makes, changes or empties
-- no table; certsweep_reader reads everything and changes nothing. Only the owner grants.
DO $$
BEGIN
    IF NOT pg_has_role(current_user, (SELECT nspowner FROM pg_namespace WHERE nspname = 'certsweep'), 'USAGE') THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'certsweep_reader') THEN
        GRANT USAGE ON SCHEMA certsweep TO certsweep_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA certsweep TO certsweep_reader;
        ALTER DEFAULT PRIVILEGES IN SCHEMA certsweep GRANT SELECT ON TABLES TO certsweep_reader;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'certsweep_loader') THEN
        GRANT USAGE ON SCHEMA certsweep TO certsweep_loader;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA certsweep TO certsweep_loader;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA certsweep TO certsweep_loader;
        ALTER DEFAULT PRIVILEGES IN SCHEMA certsweep GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO certsweep_loader;
        ALTER DEFAULT PRIVILEGES IN SCHEMA certsweep GRANT USAGE ON SEQUENCES TO certsweep_loader;
        REVOKE INSERT, UPDATE, DELETE ON schema_file, schema_object, index_aside FROM certsweep_loader;
    END IF;
END $$
