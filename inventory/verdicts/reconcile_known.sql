-- The certificates in scope with the facts that rules need. has_axes: position 0 as served, ever, or in the managed set, or at rest
-- in a file that counts; is_leaf: served now, or in the managed set; is_judged: served now somewhere in a chain, managed, or in
-- such a file. is_maybe: not so, but it may be managed, for a record in force has its serial number, key or SHA-1, or it was adopted or linked:
-- rules judge it, and what turns out to be another's is left out (reconcile_findings.sql). `subject`: those that rules judge.

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
CREATE TEMP TABLE maybe_managed AS
SELECT s.certificate
FROM judging j CROSS JOIN seen s JOIN certificate_own o USING (certificate) JOIN profile p ON p.id = o.profile
WHERE NOT s.is_served AND NOT p.is_ca
  AND (text_key(o.serial_number) IN (SELECT serial_key FROM record_open WHERE is_held AND serial_key IS NOT NULL)
       OR bytes_key(o.spki_sha256) IN (SELECT spki_key FROM record_open WHERE is_held AND spki_key IS NOT NULL)
       OR o.sha1 IN (SELECT sha1 FROM record_open WHERE is_held AND sha1 IS NOT NULL)
       OR s.certificate IN (SELECT c.id FROM decision d JOIN certificate c USING (sha256) WHERE d.kind IN ('adopt', 'link')));
ANALYZE maybe_managed;
-- What certificates of one profile share, rules read from `profile`. Columns that most rules test come first, and texts last: to find a column
-- the server walks over those before it.
CREATE TEMP TABLE known AS
SELECT o.certificate,
       s.certificate IS NOT NULL OR (m.certificate IS NOT NULL AND NOT p.is_ca) OR coalesce(q.counts, false) AS has_axes,
       coalesce(s.is_served, false) OR (m.certificate IS NOT NULL AND NOT p.is_ca) OR maybe.certificate IS NOT NULL AS is_leaf,
       maybe.certificate IS NOT NULL AND sent.certificate IS NULL AND m.certificate IS NULL AND NOT coalesce(q.counts, false) AS is_maybe,
       coalesce(s.is_served, false) AS is_served,
       coalesce(q.counts, false) AS is_filed,
       coalesce(s.is_served, false) OR sent.certificate IS NOT NULL OR m.certificate IS NOT NULL
           OR coalesce(q.counts, false) OR maybe.certificate IS NOT NULL AS is_judged,
       g.certificate IS NOT NULL AS is_logged,
       coalesce(CASE WHEN alone.certificate IS NULL THEN v.by_public ELSE alone.by_public END, false) AS is_public,
       CASE WHEN alone.certificate IS NULL THEN v.authority IS NOT NULL ELSE alone.is_vouched END AS is_vouched,
       coalesce(CASE WHEN alone.certificate IS NULL THEN v.is_weak ELSE alone.is_weak END, false) OR weak.authority IS NOT NULL
           OR coalesce(p.signature_hash IN ('md2', 'md4', 'md5'), false) AS is_weakly_signed,
       p.is_ca, o.is_self_issued, o.is_self_signed,
       array_to_string(o.name_set, ' ') LIKE '%*%' AS has_wildcard,
       o.broken <> '{}' AND o.broken <> '{limits}' AS is_broken,
       'structure' = ANY (o.broken) AS is_unreadable,
       coalesce(o.serial_number LIKE '-%' OR o.serial_number = '0' OR length(o.serial_number) > 40 OR o.serial_bytes > 20, false)
           AS has_odd_serial,
       o.serial_bytes < 7 AS has_short_serial,
       length(o.serial_number) >= 15 AS has_long_serial,
       o.has_subject_alt_names, cardinality(o.name_set) + o.names_omitted AS name_count,
       o.profile, p.issuer_key,
       o.not_before, o.not_after, o.not_after - o.not_before AS life,
       e.authority, e.untried AS is_untried,            -- is_untried: NULL if it has no edge
       text_key(o.serial_number) AS serial_key, bytes_key(o.spki_sha256) AS spki_key, names_key(o.name_set) AS names_key,
       coalesce(s.first_seen, q.first_seen) AS first_seen,
       o.common_names[1] AS common_name,
       CASE WHEN o.common_names[1] IS NULL THEN coalesce(o.dns_names[1], host(o.ip_names[1]), o.subject, '(unreadable)') END AS other_name
FROM own_in_scope o
JOIN (SELECT id, is_ca, signature_hash, coalesce(text_key(issuer), 0) AS issuer_key FROM profile OFFSET 0) p ON p.id = o.profile       -- once per profile
LEFT JOIN seen s USING (certificate)
LEFT JOIN sent USING (certificate)
LEFT JOIN maybe_managed maybe USING (certificate)
LEFT JOIN filed q USING (certificate)
LEFT JOIN logged g USING (certificate)
LEFT JOIN edge e ON e.child = o.certificate
LEFT JOIN vouching v ON v.authority = e.authority
LEFT JOIN vouched_alone alone USING (certificate)
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
