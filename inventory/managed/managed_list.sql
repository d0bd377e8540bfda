-- What is managed now? $1 source name or NULL.
SELECT r.id AS record, s.name AS source,
       coalesce(r.common_name, r.name_set[1], r.subject, f.common_name, f.dns_names[1], f.subject,
                encode(r.sha256, 'hex')) AS certificate,
       coalesce(r.serial_number, f.serial_number) AS serial_number, coalesce(r.issuer, f.issuer) AS issuer,
       coalesce(r.not_after, f.not_after)::timestamptz(0) AS not_after, r.status, r.order_number, r.location, r.owner,
       r.file || CASE WHEN r.line > 0 THEN ':' || r.line ELSE '' END AS read_from
FROM managed_record r
JOIN managed_source s ON s.id = r.source
LEFT JOIN certificate c ON c.sha256 = r.sha256
LEFT JOIN certificate_facts f ON f.certificate = c.id
WHERE r.valid_to IS NULL AND ($1::text IS NULL OR s.name = $1)
ORDER BY s.name, certificate, not_after
