-- Which pending certificates, after $1, have no edge? A batch of at most $2 octets: id, DER (NULL: it needs no edge), what was tried so
-- far. Looked up one by one, as far as the batch goes: a join would read all certificates for each batch.
SELECT id, der, 0::bigint, 0::smallint, false
FROM (SELECT p.certificate AS id, c.der, sum(coalesce(octet_length(c.der), 0)) OVER (ORDER BY p.certificate)
                                                 - coalesce(octet_length(c.der), 0) AS before
      FROM (SELECT p.certificate, NOT f.is_self_signed AND e.child IS NULL AS wants
            FROM trust_pending p
            CROSS JOIN LATERAL (SELECT f.is_self_signed, f.is_ca FROM certificate_facts f WHERE f.certificate = p.certificate OFFSET 0) f
            LEFT JOIN LATERAL (SELECT e.child FROM edge e WHERE e.child = p.certificate OFFSET 0) e ON true
            WHERE p.certificate > $1::bigint AND (p.is_ready OR NOT f.is_ca)
            ORDER BY p.certificate
            LIMIT 10000) p
      LEFT JOIN LATERAL (SELECT c.der FROM certificate c WHERE c.id = p.certificate AND p.wants OFFSET 0) c ON true) batch
WHERE before < $2::bigint
ORDER BY id
