-- Which certificates after $1 wait for facts? One batch: it ends at a number of rows, or with the certificate that passes 32 MiB,
-- so that memory is bounded. Columns: id, DER.
SELECT c.id, c.der
FROM (SELECT c.id, sum(octet_length(c.der)) OVER (ORDER BY c.id) - octet_length(c.der) AS bytes_before
      FROM (SELECT DISTINCT certificate FROM facts_pending WHERE certificate > $1::bigint ORDER BY certificate LIMIT 8192) p
      JOIN certificate c ON c.id = p.certificate) batch
JOIN certificate c USING (id)
WHERE batch.bytes_before < 32 << 20
ORDER BY c.id
