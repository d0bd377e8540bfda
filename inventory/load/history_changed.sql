-- The endpoints whose present the batch changes, with their state before. is_single: this one answer is all that is known of it.
INSERT INTO in_changed (endpoint, is_known, is_single, first_at, gone_at)
SELECT k.endpoint, n.endpoint IS NOT NULL, k.is_single AND n.endpoint IS NULL, n.first_certificate_at, n.gone_at
FROM (SELECT endpoint, count(*) = 1 AND bool_and(role = 1 AND peer IS NULL) AS is_single
      FROM in_full WHERE NOT is_late GROUP BY endpoint) k
LEFT JOIN endpoint_now n ON n.endpoint = k.endpoint
