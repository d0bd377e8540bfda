-- Which pending CA certificates or roots of stores, after $1, have no authority yet? A batch of at most $2 octets: id, DER,
-- whether it is self-signed.
SELECT id, der, is_self_signed
FROM (SELECT c.id, c.der, f.is_self_signed, sum(octet_length(c.der)) OVER (ORDER BY c.id) - octet_length(c.der) AS before
      FROM (SELECT p.certificate FROM trust_pending p JOIN certificate_facts f USING (certificate)
            WHERE f.is_ca AND NOT p.is_ready AND p.certificate > $1::bigint
            UNION
            SELECT r.certificate FROM store_root r
            WHERE r.certificate > $1::bigint
              AND NOT EXISTS (SELECT FROM authority_certificate a WHERE a.certificate = r.certificate)
            ORDER BY certificate
            LIMIT 2000) m
      JOIN certificate c ON c.id = m.certificate
      JOIN certificate_facts f ON f.certificate = c.id) batch
WHERE before < $2::bigint
ORDER BY id
