-- The policy in force, as its file was. $1 is not used
SELECT text FROM policy_current WHERE $1::text IS NULL OR true
