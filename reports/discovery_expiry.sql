-- How many of the certificates served now expire in each month? $1 site or NULL. Columns: month, count, kind.
WITH leaf AS MATERIALIZED (             -- by month, and by whether that is past: few rows
    SELECT min(n.not_after) AS not_after, r.as_of, count(*) AS count FROM certificate_now n CROSS JOIN report_as_of r
    WHERE n.is_leaf AND n.place_count > 0 AND n.not_after IS NOT NULL
      AND ($1::text IS NULL OR EXISTS (SELECT FROM endpoint_judged j JOIN site ON site.id = j.site
                                    WHERE j.certificate = n.certificate AND site.name = $1))
    GROUP BY date_trunc('month', n.not_after), n.not_after < r.as_of, r.as_of
), bucket (ordinal, label, count, kind) AS (
    SELECT 0, 'expired', coalesce(sum(count), 0), 'expired' FROM leaf WHERE not_after < as_of
    UNION ALL
    SELECT 1 + n, to_char(month, 'Mon YYYY'),
           (SELECT coalesce(sum(count), 0) FROM leaf WHERE not_after >= greatest(month, as_of) AND not_after < month + interval '1 month'),
           ''
    FROM (SELECT n, date_trunc('month', as_of) + make_interval(months => n) AS month
          FROM report_as_of, generate_series(0, 11) n) months
    UNION ALL
    SELECT 100, 'later', coalesce(sum(count), 0), '' FROM leaf WHERE not_after >= date_trunc('month', as_of) + interval '12 months'
)
SELECT label, count, kind FROM bucket WHERE count > 0 OR ordinal BETWEEN 1 AND 12 ORDER BY ordinal
