-- The endpoints whose present the batch changes, with their state before.
INSERT INTO in_changed (endpoint, is_known, first_at, gone_at)
SELECT k.endpoint, n.endpoint IS NOT NULL, n.first_certificate_at, n.gone_at
FROM (SELECT DISTINCT endpoint FROM in_explicit WHERE NOT is_late) k
LEFT JOIN endpoint_now n ON n.endpoint = k.endpoint
