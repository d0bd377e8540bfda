-- Makes policy $1 the one in force. Changes nothing if it already is. What the last run counted by the days of the policy before is counted by reports
-- themselves until the next run (nothing is kept where ending_count is empty): lists have the new days at once.
WITH used AS (
    INSERT INTO policy_use (policy)
    SELECT $1::bigint WHERE NOT EXISTS (SELECT 1 FROM policy_current WHERE id = $1::bigint)
    RETURNING policy
)
DELETE FROM ending_count WHERE EXISTS (SELECT FROM used)
