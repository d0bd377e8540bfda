-- Adds to document_finding what must be renewed within a week, or should have been, and has no finding about its end yet: then its
-- document, letter and calendar tell what the summary counts. $1 owner, '' none, NULL all. Graver as the end comes near, as rule C06.
INSERT INTO document_finding (subject, certificate, endpoint, rule, severity_rank, act_by, owner, basis, evidence)
SELECT n.certificate, n.certificate, 0, 'renewal', CASE WHEN n.not_after <= r.as_of + interval '7 days' THEN 2 ELSE 3 END, t.ask_by,
       coalesce($1::text, o.owner, ''), coalesce(mine.basis, n.owner_basis), '{}'
FROM certificates_wanted('{"due": [null, 7]}', NULL) n
CROSS JOIN report_as_of r
JOIN renewal_term t USING (certificate)
CROSS JOIN LATERAL (SELECT CASE WHEN $1::text IS NOT NULL THEN min(p.basis) END AS basis, count(*) AS places FROM document_place p
                    WHERE p.certificate = n.certificate AND p.endpoint <> 0 AND ($1 IS NULL OR p.owner = $1)) mine
LEFT JOIN owner_basis o ON o.id = n.owner_basis
WHERE n.is_leaf AND mine.places > 0
  AND NOT EXISTS (SELECT FROM document_finding f WHERE f.subject = n.certificate AND f.rule IN ('C05', 'C06', 'C07'))
