-- Which chains, and which managed leaves without one, lack a row of store $1 as of $2 or of store $3 as of $4? A batch,
-- of chains behind $5 and leaves behind $6, so that no batch looks through those before it: certificate (the leaf), chain
-- (NULL: none), whether the row of each store is missing, the number and the DER of each certificate, in the order of
-- positions. Bounded by bytes: the batch ends behind the chain that passes 32 MiB, and of one chain the first 100
-- certificates count, up to the one that passes 8 MiB; no path to a root is longer.
WITH missing AS (
    (SELECT ch.leaf AS certificate, ch.id AS chain, one.chain IS NULL AS lacks_one, other.chain IS NULL AS lacks_other
     FROM chain ch
     LEFT JOIN trust one ON one.chain = ch.id AND one.store = $1 AND one.store_sha256 = $2::bytea
     LEFT JOIN trust other ON other.chain = ch.id AND other.store = $3 AND other.store_sha256 = $4::bytea
     WHERE ch.id > $5::bigint AND (one.chain IS NULL OR other.chain IS NULL)
     ORDER BY ch.id
     LIMIT 500)
    UNION ALL
    (SELECT DISTINCT c.id, NULL::bigint, one.certificate IS NULL, other.certificate IS NULL
     FROM managed_record r
     JOIN certificate c ON c.sha256 = r.sha256
     JOIN certificate_facts f ON f.certificate = c.id AND NOT f.is_ca
     LEFT JOIN trust one ON one.certificate = c.id AND one.chain IS NULL AND one.store = $1 AND one.store_sha256 = $2::bytea
     LEFT JOIN trust other ON other.certificate = c.id AND other.chain IS NULL AND other.store = $3
                          AND other.store_sha256 = $4::bytea
     WHERE c.id > $6::bigint AND (one.certificate IS NULL OR other.certificate IS NULL)
       AND NOT EXISTS (SELECT FROM chain ch WHERE ch.leaf = c.id)
     ORDER BY c.id
     LIMIT 500))
, link AS (
    SELECT m.*, coalesce(cc.position, 0) AS position, c.id, octet_length(c.der) AS bytes
    FROM missing m
    LEFT JOIN chain_certificate cc ON cc.chain = m.chain AND cc.position < 100
    JOIN certificate c ON c.id = coalesce(cc.certificate, m.certificate)
), measured AS (
    SELECT *, sum(bytes) OVER (PARTITION BY chain, certificate ORDER BY position) - bytes AS chain_before,
           sum(bytes) OVER (ORDER BY chain, certificate) - sum(bytes) OVER (PARTITION BY chain, certificate) AS batch_before
    FROM link
)
SELECT m.certificate, m.chain, m.lacks_one, m.lacks_other, m.id, c.der
FROM measured m
JOIN certificate c ON c.id = m.id
WHERE m.batch_before < 32 << 20 AND m.chain_before < 8 << 20
ORDER BY m.chain, m.certificate, m.position
