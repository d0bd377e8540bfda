-- A batch of pending pairs, at most $2 octets, from certificate $1 on (the batch before may have had only some of its pairs):
-- certificate, CA, DER of the certificate, name constraints of the CA.
SELECT certificate, ca, der, name_constraints
FROM (SELECT p.certificate, p.ca, c.der, a.name_constraints,
             sum(octet_length(c.der) + octet_length(a.name_constraints)) OVER (ORDER BY p.certificate, p.ca)
                 - octet_length(c.der) - octet_length(a.name_constraints) AS before
      FROM (SELECT certificate, ca FROM name_pending WHERE certificate >= $1::bigint ORDER BY certificate, ca LIMIT 2000) p
      JOIN certificate c ON c.id = p.certificate
      JOIN authority_certificate a ON a.certificate = p.ca) batch
WHERE before < $2::bigint
ORDER BY certificate, ca
