-- Adds to document_finding and document_told what must be renewed, and has no finding about its end yet, and what records without a certificate ask
-- for. $1 owner, NULL all. Of each owner: within 30 days, or no later than the last day of what is told to them, so that no document, letter or
-- calendar has a day that is too late, and none has a later day and leaves out an earlier one. Graver as the end comes near, by the steps of rule
-- C06.
WITH horizon AS MATERIALIZED (
    SELECT owner, max(act_by) AS day FROM document_told GROUP BY owner
), ending AS MATERIALIZED (             -- and who is told of it
    SELECT c.certificate AS subject, d.day, c.not_after, c.owner, c.basis, coalesce(p.owner, CASE WHEN is_of_several(b.evidence) THEN ''
        ELSE c.owner END) AS told,
           coalesce(p.basis, c.basis) AS told_basis, jsonb_build_object('not_after', c.not_after) AS evidence
    FROM document_certificate c
    JOIN document_day d USING (certificate)
    LEFT JOIN owner_basis b ON b.id = c.basis
    LEFT JOIN (SELECT certificate, owner, min(basis) AS basis FROM document_place
               WHERE $1::text IS NULL AND (endpoint <> 0 OR file IS NOT NULL) AND owner <> '' GROUP BY certificate, owner) p
           ON is_of_several(b.evidence) AND p.certificate = c.certificate
    LEFT JOIN (SELECT DISTINCT subject FROM document_finding WHERE is_ending_rule(rule)) f ON f.subject = c.certificate
    WHERE c.is_served AND c.record <> 'ignored' AND f.subject IS NULL
    UNION ALL
    SELECT q.subject, q.day, q.not_after, q.owner, q.basis, q.owner, q.basis, jsonb_build_object('not_after', q.not_after, 'record', q.told_by)
    FROM document_record q WHERE q.day IS NOT NULL AND ($1 IS NULL OR q.owner = $1)
), kept AS MATERIALIZED (
    SELECT e.subject, 'renewal' AS rule, e.day,
           CASE WHEN l.days_left <= 7 THEN 2 WHEN l.days_left <= 30 THEN 3 WHEN l.days_left <= 60 THEN 4 ELSE 5 END::smallint AS severity_rank,
           e.owner, e.basis, e.told, e.told_basis, e.evidence
    FROM ending e
    CROSS JOIN report_as_of r CROSS JOIN report_today t
    CROSS JOIN LATERAL (SELECT days_between(r.as_of, e.not_after) AS days_left) l
    LEFT JOIN horizon h ON h.owner = e.told
    WHERE e.day <= greatest(t.today + 30, h.day)
    UNION ALL
    SELECT q.subject, 'return', q.return_on, 3, q.owner, q.basis, q.owner, q.basis, jsonb_build_object('record', q.told_by)
    FROM document_record q WHERE q.return_on IS NOT NULL AND ($1 IS NULL OR q.owner = $1)
), found AS (
    INSERT INTO document_finding (subject, certificate, endpoint, rule, severity_rank, act_by, owner, basis, evidence)
    SELECT DISTINCT ON (subject, rule) subject, subject, 0, rule, severity_rank, day, owner, basis, evidence FROM kept ORDER BY subject, rule
)
INSERT INTO document_told (owner, subject, basis, rule, severity_rank, act_by)
SELECT told, subject, told_basis, rule, severity_rank, day FROM kept
