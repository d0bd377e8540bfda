-- Which pending certificates, after $1, have no edge ($3: only CA certificates)? A batch of at most $2 octets: id, DER (NULL: it
-- needs no edge), what was tried so far.
SELECT id, der, 0::bigint, 0::smallint, false
FROM (SELECT p.certificate AS id, CASE WHEN p.wants THEN c.der END AS der,
             sum(CASE WHEN p.wants THEN octet_length(c.der) ELSE 0 END) OVER (ORDER BY p.certificate)
                 - CASE WHEN p.wants THEN octet_length(c.der) ELSE 0 END AS before
      FROM (SELECT p.certificate,
                   NOT f.is_self_signed AND NOT EXISTS (SELECT FROM edge e WHERE e.child = p.certificate) AS wants
            FROM trust_pending p JOIN certificate_facts f USING (certificate)
            WHERE p.certificate > $1::bigint AND (p.is_ready OR NOT f.is_ca)
              AND (NOT $3::boolean
                   OR (f.is_ca AND NOT f.is_self_signed AND NOT EXISTS (SELECT FROM edge e WHERE e.child = p.certificate)))
            ORDER BY p.certificate
            LIMIT 4000) p
      JOIN certificate c ON c.id = p.certificate) batch
WHERE before < $2::bigint
ORDER BY id
