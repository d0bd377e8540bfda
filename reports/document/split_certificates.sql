-- All certificates of the owner that the document is filled with, by the day they end.
SELECT c.name, c.record, c.issuer AS issuer_kind, c.issuer_name AS issuer, f.serial_number, c.not_after,
       f.key_algorithm || coalesce(' ' || f.key_curve, ' ' || f.key_bits, '') AS key,
       (SELECT string_agg(site.name || ' ' || place_text(x.address, x.port, x.server_name), E'\n' ORDER BY site.name, x.address, x.port, x.server_name)
        FROM document_place d JOIN endpoint x ON x.id = d.endpoint JOIN site ON site.id = x.site
        WHERE d.certificate = c.certificate AND d.owner = c.owner AND d.endpoint <> 0) AS places,
       n.first_seen, encode(n.sha256, 'hex') AS sha256
FROM document_certificate c
JOIN certificate_now n ON n.certificate = c.certificate
LEFT JOIN certificate_facts f ON f.certificate = c.certificate
ORDER BY c.not_after, c.name COLLATE "C", c.certificate
