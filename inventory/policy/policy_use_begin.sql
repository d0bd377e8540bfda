-- $1 policy. Nothing changes where it is in use already.
INSERT INTO policy_use (policy)
SELECT $1::bigint WHERE NOT EXISTS (SELECT 1 FROM policy_current WHERE id = $1::bigint)
