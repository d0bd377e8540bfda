-- Fills document_item of document_told.
INSERT INTO document_item (owner, subject, basis, severity_rank, act_by, rules)
SELECT owner, subject, min(basis), min(severity_rank), min(act_by), array_agg(DISTINCT rule) FROM document_told GROUP BY owner, subject
