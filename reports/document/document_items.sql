-- Adds to document_finding what must be renewed, and has no finding about its end yet: within a week, or should have been, for that is what the
-- summary counts; or no later than the first day of its findings, so that no document, letter or calendar has a day that is too late. Graver as
-- the end comes near, by the steps of rule C06.
INSERT INTO document_finding (subject, certificate, endpoint, rule, severity_rank, act_by, owner, basis, evidence)
SELECT c.certificate, c.certificate, 0, 'renewal',
       CASE WHEN l.days_left <= 7 THEN 2 WHEN l.days_left <= 30 THEN 3 WHEN l.days_left <= 60 THEN 4 ELSE 5 END,
       d.day, c.owner, c.basis, jsonb_build_object('not_after', c.not_after)
FROM document_certificate c
CROSS JOIN report_as_of r CROSS JOIN report_today t
CROSS JOIN LATERAL (SELECT days_between(r.as_of, c.not_after) AS days_left) l
JOIN document_day d USING (certificate)
LEFT JOIN (SELECT subject, min(act_by) AS act_by, bool_or(rule IN ('C05', 'C06', 'C07')) AS is_told
           FROM document_finding GROUP BY subject) f ON f.subject = c.certificate
WHERE c.is_served AND f.is_told IS NOT TRUE AND d.day <= greatest(t.today + 7, f.act_by);
-- Fills document_item of document_finding. A certificate of several owners ("A; B") counts at each of them that has a place or a file of it here.
WITH dated AS MATERIALIZED (
    SELECT f.owner, f.subject, f.rule, f.basis, f.severity_rank, f.act_by, is_of_several(b.evidence) AS is_shared
    FROM document_finding f LEFT JOIN owner_basis b ON b.id = f.basis
    WHERE f.act_by IS NOT NULL
), placed AS MATERIALIZED (
    SELECT p.certificate, p.owner, min(p.basis) AS basis
    FROM document_place p
    WHERE (p.endpoint <> 0 OR p.file IS NOT NULL) AND p.owner <> '' AND p.certificate IN (SELECT subject FROM dated WHERE is_shared)
    GROUP BY p.certificate, p.owner
)
INSERT INTO document_item (owner, subject, basis, severity_rank, act_by, rules)
SELECT coalesce(p.owner, CASE WHEN d.is_shared THEN '' ELSE d.owner END), d.subject, min(coalesce(p.basis, d.basis)), min(d.severity_rank), min(d.act_by),
       array_agg(DISTINCT d.rule)
FROM dated d
LEFT JOIN placed p ON d.is_shared AND p.certificate = d.subject
GROUP BY 1, 2
