-- Records a run: whether it is a replay ($1), and the count of each value and rule. Columns: axis, value (of policy: the
-- rule), count.
WITH counted AS (
    SELECT CASE subject WHEN 'rule' THEN 'policy' ELSE subject END AS axis, value,
           sum(count)::bigint AS count
    FROM now_count
    WHERE site = 0 AND subject IN ('record', 'issuer', 'deployment', 'recorded', 'time', 'rule')
    GROUP BY 1, 2),
kept AS (
    INSERT INTO reconcile_run (finished_at, as_of, is_replay, is_full, basis, changed, policy, account)
    SELECT clock_timestamp(), j.as_of, $1::boolean, j.is_full, j.basis, coalesce((SELECT sum(count) FROM written), 0), j.policy,
           (SELECT jsonb_object_agg(axis, counts)
            FROM (SELECT axis, jsonb_object_agg(value, count) AS counts FROM counted GROUP BY axis) a)
    FROM judging j)
SELECT axis, value, count FROM counted ORDER BY array_position(ARRAY['record','issuer','deployment','recorded','time','policy'], axis),
       count DESC, value
