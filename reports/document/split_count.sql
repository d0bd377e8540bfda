-- The line of the index for the owner that the document is filled with, and what a letter without steps says. Columns: certificates, of these not served,
-- places, subjects to handle, overdue; severity, name and title of the letter's first step; next day, days left, the first end to come, how that one is
-- called; due within a week, within a month, not served and in a file, findings of any kind;
-- certificates that have ended, the last day of these; of those not served, how many were replaced.
WITH item AS (
    SELECT subject, min(act_by) AS act_by, min(severity_rank) AS rank FROM document_finding WHERE act_by IS NOT NULL GROUP BY subject
), held AS (
    SELECT count(*) AS certificates, count(*) FILTER (WHERE NOT c.is_served) AS unserved,
           count(*) FILTER (WHERE NOT c.is_served AND n.replaced_at IS NOT NULL) AS replaced, count(*) FILTER (WHERE c.not_after < r.as_of) AS ended,
           max(c.not_after AT TIME ZONE z.zone) FILTER (WHERE c.not_after < r.as_of)::date AS ended_on
    FROM document_certificate c LEFT JOIN certificate_now n USING (certificate) CROSS JOIN report_as_of r CROSS JOIN due_setting z
), filed AS (
    SELECT count(*) AS count FROM document_certificate c
    WHERE NOT c.is_served AND EXISTS (SELECT FROM document_place p WHERE p.certificate = c.certificate AND p.owner = c.owner AND p.file IS NOT NULL)
), first AS (                           -- in the order of document_steps.sql
    SELECT i.subject, i.rank, coalesce(n.name, q.name, place_text(e.address, e.port, e.server_name)) AS name
    FROM item i
    LEFT JOIN certificate_now n ON n.certificate = i.subject
    LEFT JOIN document_record q ON q.subject = i.subject
    LEFT JOIN endpoint e ON e.id = -i.subject
    ORDER BY i.act_by, i.rank, coalesce(n.name, q.name, place_text(e.address, e.port, e.server_name)) COLLATE "C", i.subject LIMIT 1
), next AS (
    SELECT (c.not_after AT TIME ZONE z.zone)::date AS day, c.name FROM document_certificate c CROSS JOIN report_as_of r CROSS JOIN due_setting z WHERE c.not_after >= r.as_of
    ORDER BY c.not_after, c.name COLLATE "C" LIMIT 1
)
SELECT h.certificates, h.unserved,
       (SELECT count(DISTINCT p.endpoint) FROM document_place p JOIN document_certificate c ON c.certificate = p.certificate AND c.owner = p.owner WHERE p.endpoint <> 0),
       (SELECT count(*) FROM item), (SELECT count(*) FROM item WHERE act_by < r.today), s.name, first.name,
       w.title, (SELECT min(act_by) FROM item), (SELECT min(act_by) FROM item) - r.today, next.day, next.name,
       (SELECT count(*) FROM item WHERE act_by BETWEEN r.today AND r.today + 7), (SELECT count(*) FROM item WHERE act_by BETWEEN r.today + 8 AND r.today + 30),
       filed.count, (SELECT count(*) FROM document_finding), h.ended, h.ended_on, h.replaced
FROM report_today r
CROSS JOIN held h
CROSS JOIN filed
LEFT JOIN first ON true
LEFT JOIN LATERAL (SELECT f.title FROM document_step f WHERE f.subject = first.subject AND f.act_by IS NOT NULL AND NOT f.is_left_out
                   ORDER BY f.act_by, f.severity_rank, f.rule LIMIT 1) w ON true
LEFT JOIN severity s ON s.rank = first.rank
LEFT JOIN next ON true
