-- Notes the end of this run, and the count of each value and rule. Columns: axis, value (of policy: the rule), count.
WITH counted AS (
    SELECT CASE subject WHEN 'rule' THEN 'policy' ELSE subject END AS axis, value,
           sum(count)::bigint AS count
    FROM now_count
    WHERE site = 0 AND subject IN ('record', 'issuer', 'deployment', 'recorded', 'time', 'rule')
    GROUP BY 1, 2),
kept AS (
    UPDATE reconcile_run
    SET finished_at = clock_timestamp(), changed = coalesce((SELECT sum(count) FROM written), 0),
        account = (SELECT jsonb_object_agg(axis, counts)
                   FROM (SELECT axis, jsonb_object_agg(value, count) AS counts FROM counted GROUP BY axis) a)
    WHERE finished_at IS NULL)
SELECT axis, value, count FROM counted ORDER BY array_position(ARRAY['record','issuer','deployment','recorded','time','policy'], axis),
       count DESC, value
