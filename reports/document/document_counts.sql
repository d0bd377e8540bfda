-- The numbers of the first sentences, of the tables of this document. One row. renew_...: served certificates by their last safe day, as
-- the summary counts them (past, but not ended; within a week). renew_others: what no server has as its own (records, files, CAs), past or within
-- a week.
WITH renew AS (
    SELECT count(*) FILTER (WHERE f.act_by < t.today) AS overdue, count(*) FILTER (WHERE f.act_by >= t.today AND f.act_by <= t.today + 7) AS week
    FROM (SELECT DISTINCT subject, act_by FROM document_finding WHERE is_about_end(rule)) f
    JOIN document_certificate c ON c.certificate = f.subject
    CROSS JOIN report_as_of r CROSS JOIN report_today t
    WHERE c.not_after >= r.as_of
), others AS (
    SELECT count(DISTINCT f.subject) AS renew
    FROM document_finding f
    CROSS JOIN report_as_of r CROSS JOIN report_today t
    LEFT JOIN document_certificate c ON c.certificate = f.subject
    LEFT JOIN certificate_now n ON n.certificate = f.subject
    LEFT JOIN document_record q ON q.subject = f.subject
    WHERE is_about_end(f.rule) AND f.act_by <= t.today + 7 AND c.certificate IS NULL AND coalesce(n.not_after, q.not_after) >= r.as_of
)
SELECT count(c.certificate) AS certificates,
       count(*) FILTER (WHERE c.record = 'unmanaged') AS unmanaged,
       count(*) FILTER (WHERE c.record = 'not judged') AS unjudged,
       count(*) FILTER (WHERE c.not_after < r.as_of) AS expired,
       count(*) FILTER (WHERE c.not_after >= r.as_of AND c.not_after AT TIME ZONE r.zone < r.monday + interval '13 weeks') AS soon,
       count(*) FILTER (WHERE c.not_after AT TIME ZONE r.zone >= r.monday + interval '13 weeks') AS later,
       (SELECT count(DISTINCT p.endpoint) FROM document_place p JOIN document_certificate d USING (certificate)
        WHERE p.endpoint <> 0 AND p.is_theirs) AS places,
       (SELECT count(*) FROM document_finding WHERE rule NOT IN ('renewal', 'return')) AS findings,
       (SELECT count(DISTINCT rule) FROM document_finding WHERE rule NOT IN ('renewal', 'return')) AS rules,
       (SELECT count(DISTINCT subject) FROM document_finding WHERE rule NOT IN ('renewal', 'return')) AS subjects,
       (SELECT count(DISTINCT f.subject) FROM document_finding f JOIN document_certificate d ON d.certificate = f.subject CROSS JOIN report_as_of a CROSS JOIN report_today t
        WHERE d.not_after < a.as_of AND f.act_by < t.today) AS expired_overdue,
       renew.overdue AS renew_overdue, renew.week AS renew_week, others.renew AS renew_others,
       (SELECT string_agg(grouped(n) || ' ' || name, ', ' ORDER BY rank)
        FROM (SELECT s.rank, s.name, count(*) AS n FROM document_finding f JOIN severity s ON s.rank = f.severity_rank
              WHERE f.rule NOT IN ('renewal', 'return')
              GROUP BY s.rank, s.name) g) AS severities
FROM (SELECT a.as_of, z.zone, date_trunc('week', a.as_of AT TIME ZONE z.zone) AS monday FROM report_as_of a, due_setting z) r
CROSS JOIN renew CROSS JOIN others
LEFT JOIN document_certificate c ON true
GROUP BY renew.overdue, renew.week, others.renew
