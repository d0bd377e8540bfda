-- Adds to document_finding what must be renewed, and has no finding about its end yet. $1 owner, NULL all. Of all: within a week, or should have been, for
-- that is what the summary counts; or no later than the first day of its findings. Of one owner: within 30 days, or no later than the last day of what is
-- listed, so that no document, letter or calendar has a day that is too late, and none has a later day and leaves out an earlier one. Graver as the end
-- comes near, by the steps of rule C06.
INSERT INTO document_finding (subject, certificate, endpoint, rule, severity_rank, act_by, owner, basis, evidence)
SELECT c.certificate, c.certificate, 0, 'renewal',
       CASE WHEN l.days_left <= 7 THEN 2 WHEN l.days_left <= 30 THEN 3 WHEN l.days_left <= 60 THEN 4 ELSE 5 END,
       d.day, c.owner, c.basis, jsonb_build_object('not_after', c.not_after)
FROM document_certificate c
CROSS JOIN report_as_of r CROSS JOIN report_today t
CROSS JOIN (SELECT max(act_by) AS day FROM document_finding WHERE $1::text IS NOT NULL) last
CROSS JOIN LATERAL (SELECT days_between(r.as_of, c.not_after) AS days_left) l
JOIN document_day d USING (certificate)
LEFT JOIN (SELECT subject, min(act_by) AS act_by, bool_or(rule IN ('C05', 'C06', 'C07')) AS is_told
           FROM document_finding GROUP BY subject) f ON f.subject = c.certificate
WHERE c.is_served AND f.is_told IS NOT TRUE AND d.day <= greatest(t.today + CASE WHEN $1 IS NULL THEN 7 ELSE 30 END, last.day, f.act_by)
