-- Which pending CA certificates, after $1, have no edge? A batch of at most $2 octets: id, DER, what was tried so far.
SELECT id, der, 0::bigint, 0::smallint, false
FROM (SELECT p.certificate AS id, c.der, sum(octet_length(c.der)) OVER (ORDER BY p.certificate) - octet_length(c.der) AS before
      FROM (SELECT p.certificate
            FROM trust_pending p JOIN certificate_facts f USING (certificate)
            WHERE p.certificate > $1::bigint AND p.is_ready AND f.is_ca AND NOT f.is_self_signed
              AND NOT EXISTS (SELECT FROM edge e WHERE e.child = p.certificate)
            ORDER BY p.certificate
            LIMIT 4000) p
      JOIN certificate c ON c.id = p.certificate) batch
WHERE before < $2::bigint
ORDER BY id
