-- What records without a certificate ask for, in their own words.
INSERT INTO document_next (certificate, what)
SELECT d.subject, step_in_zone(u.what, u.not_after, z.zone) || '.'
FROM document_record d JOIN unseen_record u USING (record) CROSS JOIN due_setting z
WHERE u.what IS NOT NULL;
ANALYZE document_record
