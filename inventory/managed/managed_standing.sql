-- Where do the certificates of one source stand, as the last reconcile judged them? $1 source
-- Columns: records; served (somewhere now); superseded (served where a newer one belongs); revoked_served; expired_served; never_seen (by no scan
-- and no capture, of those in force); unknown (served certificates that no source knows).
WITH record AS MATERIALIZED (
    SELECT r.id, r.sha256, r.sha1, r.serial_key, r.serial_number, r.issuer_folded, r.status, r.not_after
    FROM managed_record r JOIN managed_source s ON s.id = r.source
    WHERE s.name = $1 AND r.valid_to IS NULL
), matched AS MATERIALIZED (
    SELECT r.id, c.id AS certificate FROM record r JOIN certificate c ON c.sha256 = r.sha256
    UNION
    SELECT r.id, o.certificate FROM record r JOIN certificate_own o ON o.sha1 = r.sha1
    UNION
    SELECT r.id, n.certificate FROM record r JOIN certificate_now n ON n.record_id = r.id WHERE n.record = 'managed'
    UNION               -- a revoked one matches no more, but is the same by a serial number of 64 bits and more
    SELECT r.id, n.certificate
    FROM record r JOIN certificate_now n ON n.serial_key = r.serial_key JOIN certificate_own o ON o.certificate = n.certificate
    WHERE r.status = 'revoked' AND length(r.serial_number) >= 16 AND o.serial_number = r.serial_number
), standing AS (
    SELECT r.id, r.status, r.not_after, bool_or(n.place_count > 0) AS is_served, bool_or(n.first_seen IS NOT NULL) AS is_seen,
           bool_or(e.certificate IS NOT NULL) AS is_superseded
    FROM record r LEFT JOIN matched m USING (id) LEFT JOIN certificate_now n USING (certificate)
    LEFT JOIN (SELECT DISTINCT certificate FROM endpoint_judged WHERE deployment = 'superseded but served') e USING (certificate)
    GROUP BY r.id, r.status, r.not_after
)
SELECT count(*) AS records, count(*) FILTER (WHERE is_served) AS served, count(*) FILTER (WHERE is_served AND is_superseded) AS superseded,
       count(*) FILTER (WHERE is_served AND status = 'revoked') AS revoked_served,
       count(*) FILTER (WHERE is_served AND not_after < now()) AS expired_served,
       count(*) FILTER (WHERE is_seen IS NOT TRUE AND coalesce(status, 'issued') = 'issued' AND (not_after IS NULL OR not_after >= now()))
           AS never_seen,
       coalesce((SELECT count FROM now_count WHERE site = 0 AND subject = 'served record' AND value = 'unmanaged'), 0) AS unknown
FROM standing
