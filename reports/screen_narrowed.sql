-- The first sentence of the screen for what a filter leaves. $1 filter. Column: a line.
WITH mine AS MATERIALIZED (
    SELECT n.time, n.record FROM certificates_wanted($1::jsonb, NULL) n WHERE n.is_leaf AND n.place_count > 0
), counted AS MATERIALIZED (
    SELECT count(*) AS served, count(*) FILTER (WHERE time = 'expired') AS ended, count(*) FILTER (WHERE record = 'unmanaged') AS unmanaged,
           count(*) FILTER (WHERE record = 'not judged') AS no_record
    FROM mine
), due AS MATERIALIZED (                -- past the last safe day and not ended, within a week
    SELECT greatest(coalesce(sum(d.overdue), 0) - c.ended, 0) AS overdue, coalesce(sum(d.week), 0) AS week
    FROM counted c LEFT JOIN renewals_due($1::jsonb, NULL, 0) d ON d.is_total GROUP BY c.ended
)
SELECT 'Of what ' || o.options || ' leaves, '
       || CASE WHEN served = 0 THEN 'nothing is known to be served.'
               ELSE counted_grouped(served, 'certificate') || CASE WHEN served = 1 THEN ' is served: ' ELSE ' are served: ' END
                    || CASE WHEN ended + d.overdue + d.week = 0 THEN 'none has ended, and none must be renewed within a week'
                            ELSE concat_ws(', ', CASE WHEN ended > 0 THEN grouped(ended) || CASE WHEN ended = 1 THEN ' has ended' ELSE ' have ended' END END,
                                           CASE WHEN d.overdue > 0 THEN grouped(d.overdue) || CASE WHEN d.overdue = 1 THEN ' is past its'
                                               ELSE ' are past their' END || ' last safe day' END,
                                           CASE WHEN d.week > 0 THEN grouped(d.week) || ' must be renewed within a week' END) END
                    || CASE WHEN no_record > 0 THEN '.'
                            WHEN unmanaged = 0 THEN CASE WHEN served = 1 THEN '; it is' ELSE '; all ' || grouped(served) || ' are' END || ' managed, or accepted or ignored.'
                            ELSE '; ' || grouped(unmanaged) || ' of ' || grouped(served) || CASE WHEN unmanaged = 1 THEN ' stands'
                                ELSE ' stand' END || ' in no managed source.' END END
FROM counted CROSS JOIN due d
CROSS JOIN (SELECT btrim(string_agg(option, '' ORDER BY key)) AS options FROM filter_options($1::jsonb - '{argument,brief}'::text[])) o
