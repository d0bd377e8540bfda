-- The certificates in scope with the facts that rules need. has_axes: position 0 as served, ever, or in the managed set, or at rest
-- in a file that counts; is_leaf: served now, or in the managed set; is_judged: served now somewhere in a chain, managed, or in
-- such a file. `subject`: those that rules judge.

-- Certificates in scope that public logs alone have (load --from ct: a chain that nothing has ever sent), of names below an own suffix. Rule R10.
CREATE TEMP TABLE logged AS
SELECT DISTINCT x.certificate
FROM judging j CROSS JOIN scope_certificate x
JOIN chain c ON c.leaf = x.certificate
JOIN certificate_own o ON o.certificate = x.certificate
LEFT JOIN seen s ON s.certificate = x.certificate
WHERE s.certificate IS NULL AND j.own_suffixes <> '{}' AND EXISTS (SELECT FROM scan WHERE kind = 4)
  AND EXISTS (SELECT FROM unnest(o.dns_names || lower(o.common_names[1])) n, unnest(j.own_suffixes) f
              WHERE n = f OR right(n, length(f) + 1) = '.' || f)
  AND NOT EXISTS (SELECT FROM serving v WHERE v.chain = c.id);
ANALYZE logged;

ANALYZE seen; ANALYZE sent;
CREATE TEMP TABLE known AS
SELECT f.certificate,
       s.certificate IS NOT NULL OR (m.certificate IS NOT NULL AND NOT f.is_ca) OR coalesce(q.counts, false) AS has_axes,
       coalesce(s.is_served, false) OR (m.certificate IS NOT NULL AND NOT f.is_ca) AS is_leaf,
       coalesce(s.is_served, false) AS is_served,
       coalesce(q.counts, false) AS is_filed,
       coalesce(s.is_served, false) OR sent.certificate IS NOT NULL OR m.certificate IS NOT NULL
           OR coalesce(q.counts, false) AS is_judged,
       g.certificate IS NOT NULL AS is_logged,
       coalesce(v.by_public, false) AS is_public,
       v.certificate IS NOT NULL AS is_vouched,
       coalesce(v.is_weak, false) OR weak.authority IS NOT NULL OR coalesce(f.signature_hash IN ('md2', 'md4', 'md5'), false)
           AS is_weakly_signed,
       e.authority,
       coalesce(s.first_seen, q.first_seen) AS first_seen,
       f.is_ca, f.is_self_issued, f.is_self_signed, f.version, f.not_before, f.not_after, f.not_after - f.not_before AS life,
       f.key_algorithm, f.key_bits, f.key_curve, f.rsa_exponent, f.signature_algorithm, f.signature_hash,
       f.common_name,
       CASE WHEN f.common_name IS NULL THEN coalesce(f.dns_names[1], host(f.ip_names[1]), f.subject, '(unreadable)') END AS other_name,
       f.has_subject_alt_names, f.extended_key_usage, cardinality(f.name_set) + f.names_omitted AS name_count,
       array_to_string(f.name_set, ' ') LIKE '%*%' AS has_wildcard,
       'structure' = ANY (f.broken) AS is_unreadable,
       coalesce(f.serial_number LIKE '-%' OR f.serial_number = '0' OR length(f.serial_number) > 40 OR f.serial_bytes > 20, false)
           AS has_odd_serial,
       f.serial_bytes < 7 AS has_short_serial,
       length(f.serial_number) >= 15 AS has_long_serial, coalesce(i.issuer_key, 0) AS issuer_key,
       text_key(f.serial_number) AS serial_key, bytes_key(f.spki_sha256) AS spki_key, names_key(f.name_set) AS names_key,
       f.profile
FROM scope_certificate x
JOIN certificate_facts f USING (certificate)
LEFT JOIN (SELECT id, text_key(issuer) AS issuer_key FROM profile OFFSET 0) i ON i.id = f.profile     -- once per profile
LEFT JOIN seen s USING (certificate)
LEFT JOIN sent USING (certificate)
LEFT JOIN filed q USING (certificate)
LEFT JOIN logged g USING (certificate)
LEFT JOIN vouched v USING (certificate)
LEFT JOIN edge e ON e.child = f.certificate
LEFT JOIN (SELECT DISTINCT a.authority         -- a key below 1,024 bits can be broken
           FROM authority_certificate a JOIN certificate_own o USING (certificate) JOIN profile p ON p.id = o.profile
           WHERE (p.key_algorithm IN ('rsa', 'rsa-pss', 'dsa') AND p.key_bits < 1024) OR (p.key_algorithm = 'ec' AND p.key_bits < 160)) weak
       ON weak.authority = e.authority
LEFT JOIN (SELECT DISTINCT certificate FROM record_open WHERE certificate IS NOT NULL) m USING (certificate)
WHERE s.certificate IS NOT NULL OR sent.certificate IS NOT NULL OR m.certificate IS NOT NULL OR q.certificate IS NOT NULL
   OR g.certificate IS NOT NULL;
CREATE UNIQUE INDEX ON known (certificate);
ANALYZE known;
CREATE TEMP VIEW subject AS SELECT * FROM known WHERE is_judged;

-- Keys of leaves in scope that more than one certificate has, in scope or not. Most have one.
CREATE TEMP TABLE key_repeated AS
SELECT spki_sha256 FROM certificate_own WHERE (SELECT is_full FROM judging) GROUP BY spki_sha256 HAVING count(*) > 1
UNION ALL
SELECT o.spki_sha256
FROM (SELECT DISTINCT m.spki_sha256 FROM subject t JOIN certificate_own m USING (certificate) WHERE t.is_leaf) k
JOIN certificate_own o USING (spki_sha256)
WHERE NOT (SELECT is_full FROM judging)
GROUP BY o.spki_sha256 HAVING count(*) > 1;
ANALYZE key_repeated;

-- Distinct issuers, so that conditions over issuer names are tested once each. `child`: one certificate that names this issuer and has
-- an edge, by which the issuer's authorities are found.
CREATE TEMP TABLE issuer AS
SELECT k.issuer_key, k.child, f.issuer, f.issuer_folded, f.issuer_attributes,
       coalesce((SELECT substr(a, 4) FROM unnest(f.issuer_attributes) a WHERE a LIKE 'CN=%' LIMIT 1), f.issuer) AS name
FROM (SELECT issuer_key, min(certificate) AS certificate, min(certificate) FILTER (WHERE NOT is_self_signed) AS child
      FROM known GROUP BY issuer_key) k
JOIN certificate_facts f USING (certificate);
ANALYZE issuer;
