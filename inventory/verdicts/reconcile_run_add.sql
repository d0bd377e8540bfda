-- The record of a run: whether it is a replay ($1), and how many there are of each value and rule. Gives axis, value
-- (of policy: the rule), count of distinct subjects.
WITH counted AS (
    SELECT axis, CASE axis WHEN 'policy' THEN rule ELSE value END AS value, count(*) AS count
    FROM judged GROUP BY 1, 2),
kept AS (
    INSERT INTO reconcile_run (finished_at, as_of, is_replay, policy, account)
    SELECT clock_timestamp(), j.as_of, $1::boolean, j.policy,
           (SELECT jsonb_object_agg(axis, counts)
            FROM (SELECT axis, jsonb_object_agg(value, count) AS counts FROM counted GROUP BY axis) a)
    FROM judging j)
SELECT axis, value, count FROM counted ORDER BY array_position(ARRAY['record','issuer','deployment','time','policy'], axis),
       count DESC, value
