-- Is there a role that has no rights yet? A row if so.
SELECT 1 FROM pg_roles
WHERE rolname IN ('certsweep_loader', 'certsweep_reader') AND NOT has_schema_privilege(oid, 'certsweep', 'USAGE')
