-- When certificates end: 13 weeks from the Monday of this week, then months, then later. Columns: kind (week, month), the
-- label below the column, the label below that (or NULL), a name of the period, managed, unmanaged, not judged.
WITH start AS (
    SELECT as_of, date_trunc('week', as_of AT TIME ZONE z.zone) AS monday, z.zone FROM report_as_of, due_setting z
), bucket (n, kind, first, last) AS (
    SELECT n, 'week', monday + n * interval '1 week', monday + (n + 1) * interval '1 week' FROM start, generate_series(0, 12) n
    UNION ALL
    SELECT 13 + n, 'month', greatest(month + n * interval '1 month', monday + interval '13 weeks'), month + (n + 1) * interval '1 month'
    FROM start, LATERAL (SELECT date_trunc('month', monday + interval '13 weeks') AS month) m, generate_series(0, 11) n
    UNION ALL
    SELECT 25, 'later', date_trunc('month', monday + interval '13 weeks') + interval '12 months', 'infinity' FROM start
), ends AS (
    SELECT not_after AT TIME ZONE start.zone AS not_after, record FROM document_certificate, start WHERE not_after >= start.as_of
)
SELECT CASE WHEN b.kind = 'week' THEN 'week' ELSE 'month' END AS kind,
       CASE b.kind WHEN 'week' THEN to_char(b.first, 'FMDD') WHEN 'month' THEN to_char(b.first, 'Mon') ELSE 'later' END AS label,
       CASE WHEN b.kind = 'week' AND (b.n = 0 OR extract(day FROM b.first) <= 7) THEN to_char(b.first, 'Mon')
            WHEN b.kind = 'month' AND (b.n = 13 OR extract(month FROM b.first) = 1) THEN to_char(b.first, 'YYYY') END AS below,
       CASE b.kind WHEN 'week' THEN 'week of ' || to_char(b.first, 'FMDD Mon') WHEN 'month' THEN to_char(b.first, 'Mon YYYY')
                   ELSE 'later' END AS period,
       count(*) FILTER (WHERE e.record IN ('managed', 'accepted', 'ignored')) AS managed,
       count(*) FILTER (WHERE e.record = 'unmanaged') AS unmanaged,
       count(*) FILTER (WHERE e.record = 'not judged') AS unjudged
FROM bucket b LEFT JOIN ends e ON e.not_after >= b.first AND e.not_after < b.last
GROUP BY b.n, b.kind, b.first
ORDER BY b.n
