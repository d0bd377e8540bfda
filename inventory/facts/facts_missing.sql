-- Which certificates have no facts? A batch of them, ended by number or behind the certificate that passes 32 MiB, so that
-- memory is bounded by bytes: id, DER.
SELECT c.id, c.der
FROM (SELECT c.id, sum(octet_length(c.der)) OVER (ORDER BY c.id) - octet_length(c.der) AS bytes_before
      FROM (SELECT c.id, c.der FROM certificate c
            WHERE NOT EXISTS (SELECT FROM certificate_facts f WHERE f.certificate = c.id)
            ORDER BY c.id
            LIMIT 2000) c) batch
JOIN certificate c USING (id)
WHERE batch.bytes_before < 32 << 20
ORDER BY c.id
