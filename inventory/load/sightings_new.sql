-- Marks the endpoints to be recomputed: those whose sightings do more than repeat an open span.
INSERT INTO recompute
SELECT DISTINCT i.endpoint
FROM in_sighting i
LEFT JOIN answer_now a ON a.endpoint = i.endpoint AND a.role = i.role AND a.peer IS NOT DISTINCT FROM i.peer AND a.variant = 8
                      AND a.chain IS NOT DISTINCT FROM i.chain AND a.is_last AND a.missed = 0
                      AND a.tls_version IS NOT DISTINCT FROM i.tls_version AND a.cipher_suite IS NOT DISTINCT FROM i.cipher_suite
                      AND a.outcome = i.outcome AND i.first_at >= a.from_at
LEFT JOIN endpoint_now n ON n.endpoint = i.endpoint AND n.gone_at IS NULL
WHERE a.endpoint IS NULL OR n.endpoint IS NULL
   OR EXISTS (SELECT FROM answer_now b WHERE b.endpoint = i.endpoint AND b.role = i.role AND b.peer IS NOT DISTINCT FROM i.peer
              AND b.variant = 8 AND b.chain IS DISTINCT FROM i.chain)
   OR EXISTS (SELECT FROM answer_past b WHERE b.endpoint = i.endpoint AND b.variant = 8)
ON CONFLICT DO NOTHING
