-- Fills document_day.
INSERT INTO document_day (certificate, day)
SELECT n.certificate, last_safe_day(n.safe_until, n.not_after, s.zone)
FROM certificate_now n CROSS JOIN due_setting s
WHERE n.certificate IN (SELECT certificate FROM document_place) AND last_safe_day(n.safe_until, n.not_after, s.zone) IS NOT NULL;
ANALYZE document_day
