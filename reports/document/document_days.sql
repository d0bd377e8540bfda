-- Fills document_day.
INSERT INTO document_day (certificate, day)
SELECT t.certificate, last_safe_day(t.ask_by, t.not_after, s.zone)
FROM certificate_term t CROSS JOIN due_setting s
WHERE t.certificate IN (SELECT certificate FROM document_place) AND last_safe_day(t.ask_by, t.not_after, s.zone) IS NOT NULL;
ANALYZE document_day
