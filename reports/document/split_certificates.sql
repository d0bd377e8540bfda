-- All certificates, and records without one, of the owner that the document is filled with, by the day they end.
WITH placed AS MATERIALIZED (
    SELECT d.certificate, string_agg(site.name || ' ' || place_text(x.address, x.port, x.server_name), E'\n' ORDER BY site.name, x.address, x.port, x.server_name) AS places
    FROM document_certificate c
    JOIN document_place d ON d.certificate = c.certificate AND d.owner = c.owner AND d.endpoint <> 0
    JOIN endpoint x ON x.id = d.endpoint JOIN site ON site.id = x.site
    GROUP BY d.certificate
), filed AS MATERIALIZED (
    SELECT d.certificate, string_agg(site.name || ' ' || file_place_text(p.host, p.path, p.inside), E'\n' ORDER BY site.name, p.host, p.path, p.inside) AS files
    FROM document_certificate c
    JOIN document_place d ON d.certificate = c.certificate AND d.owner = c.owner AND d.file IS NOT NULL
    JOIN file_place p ON p.id = d.file JOIN site ON site.id = p.site
    GROUP BY d.certificate
)
SELECT c.name, c.record, c.issuer AS issuer_class, c.issuer_name AS issuer, coalesce(f.serial_number, r.serial_number) AS serial_number, c.not_after,
       f.key_algorithm || coalesce(' ' || f.key_curve, ' ' || f.key_bits, '') AS key, placed.places, filed.files, c.also_at, array_to_string(o.contacts, E'\n') AS contacts,
       n.first_seen, encode(n.sha256, 'hex') AS sha256
FROM document_certificate c
LEFT JOIN certificate_now n ON n.certificate = c.certificate
LEFT JOIN placed ON placed.certificate = c.certificate
LEFT JOIN filed ON filed.certificate = c.certificate
LEFT JOIN owner_basis o ON o.id = c.basis
LEFT JOIN certificate_facts f ON f.certificate = c.certificate
LEFT JOIN document_record q ON q.subject = c.certificate
LEFT JOIN managed_record r ON r.id = q.record
ORDER BY c.not_after, c.name COLLATE "C", c.certificate
