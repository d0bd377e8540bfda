-- Files applied so far, of a schema that is there: it is asked at each start, so in one statement that reads one table. Columns: number,
-- SHA-256 of its text in hex, a role has no rights yet.
SELECT number, sha256,
       (SELECT bool_or(NOT has_schema_privilege(r.role, 'certsweep', 'USAGE'))
        FROM (VALUES (to_regrole('certsweep_loader')), (to_regrole('certsweep_reader'))) r (role) WHERE r.role IS NOT NULL) IS TRUE
FROM schema_file
