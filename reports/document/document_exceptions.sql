-- Decisions in force on certificates of this document. Columns: name, kind, reason, who, made, until.
SELECT c.name, d.kind, d.reason, d.who, d.made_at::date, decision_last_day(d.until)
FROM decision d
JOIN certificate_now n ON n.sha256 = d.sha256
JOIN document_certificate c ON c.certificate = n.certificate
CROSS JOIN report_as_of r
WHERE d.made_at <= r.as_of AND (d.until IS NULL OR d.until > r.as_of) AND (d.undone_at IS NULL OR d.undone_at > r.as_of)
ORDER BY d.until NULLS LAST, c.name COLLATE "C", d.id
