-- Decisions in force on certificates of this document. Columns: name, kind, reason, who, made, until.
SELECT c.name, d.kind, d.reason, d.who, (d.made_at AT TIME ZONE z.zone)::date, decision_last_day(d.until)
FROM decision_in_force d
CROSS JOIN due_setting z
JOIN certificate_now n ON n.sha256 = d.sha256
JOIN document_certificate c ON c.certificate = n.certificate
ORDER BY d.until NULLS LAST, c.name COLLATE "C", d.id
