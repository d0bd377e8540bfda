-- Adds what the letter that the document is filled with tells: each subject once, at its earliest day in any letter.
INSERT INTO document_all AS a (subject, act_by)
SELECT subject, min(act_by) FROM document_item GROUP BY subject
ON CONFLICT (subject) DO UPDATE SET act_by = least(a.act_by, excluded.act_by)
