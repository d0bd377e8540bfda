-- Makes policy $1 the one in force. Changes nothing if it already is. Verdicts and their days are those of the policy before until the next run.
INSERT INTO policy_use (policy)
SELECT $1::bigint WHERE NOT EXISTS (SELECT 1 FROM policy_current WHERE id = $1::bigint)
