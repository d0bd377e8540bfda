-- Fills document_renewal: what must be renewed within a week, or should have been, and has no finding about its end yet. Graver as the end
-- comes near, by the steps of rule C06.
INSERT INTO document_renewal (certificate, severity_rank, act_by)
SELECT n.certificate, CASE WHEN l.days_left <= 7 THEN 2 WHEN l.days_left <= 30 THEN 3 WHEN l.days_left <= 60 THEN 4 ELSE 5 END, t.ask_by
FROM certificates_wanted('{"due": [null, 7]}', NULL) n
CROSS JOIN report_as_of r
CROSS JOIN LATERAL (SELECT days_between(r.as_of, n.not_after) AS days_left) l
JOIN renewal_term t USING (certificate)
WHERE n.is_leaf AND EXISTS (SELECT FROM document_place p WHERE p.certificate = n.certificate AND p.endpoint <> 0)
  AND NOT EXISTS (SELECT FROM finding f WHERE f.certificate = n.certificate AND f.endpoint = 0 AND f.rule IN ('C05', 'C06', 'C07'))
