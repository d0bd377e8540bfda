-- Axis record: is the certificate in the managed set? The match ladder, best step first:
--     1  the same DER, by SHA-256 or SHA-1
--     2  issuer and serial number; the issuer in any spelling, itself or a CA above it
--     3  a serial number of 64 bits and more that one issuer alone has used, where the record names no issuer (or just a word that
--        no issuer has), a name or the end agrees and no field contradicts
--     4  the same key, with an equal name and an issuer of the same class
-- The remaining steps only suggest: 4 without the rest (a request's self-signed twin), 5 the same names and subject, 6 the same common
-- name. Where a step finds several certificates of different keys for one record, it is ambiguous and matches none of them.
-- Each step joins on a hash, then compares the values. Where many certificates and many records can
-- share a value (a key, names), the best record of each value is selected first.
CREATE TEMP TABLE ladder (
    certificate bigint NOT NULL, record bigint NOT NULL, step smallint NOT NULL, way text COLLATE "C" NOT NULL,
    is_counted boolean NOT NULL         -- false: ambiguous or contradicted, kept only for lists
);
INSERT INTO ladder
SELECT k.certificate, r.id, 1, 'R-sha256', true
FROM record_open r JOIN known k USING (certificate)
WHERE k.has_axes
UNION ALL
SELECT k.certificate, r.id, 1, 'R-sha1', true
FROM record_open r JOIN certificate_own o ON o.sha1 = r.sha1 JOIN known k ON k.certificate = o.certificate
WHERE k.has_axes AND r.sha256 IS NULL;

-- The issuers that a record can mean: by the whole name, by a part of it that has the common name, by one attribute's value, or by a CA above.
CREATE TEMP TABLE record_issuer AS
WITH name AS MATERIALIZED (             -- many records name one issuer: names are compared, not records
    SELECT issuer, issuer_folded, lower(issuer) AS lowered FROM record_open WHERE issuer IS NOT NULL GROUP BY issuer, issuer_folded
), meant AS (
    SELECT n.issuer, n.issuer_folded, i.issuer_key FROM name n JOIN issuer i USING (issuer_folded)
    UNION
    SELECT n.issuer, n.issuer_folded, i.issuer_key
    FROM name n
    JOIN (SELECT DISTINCT issuer_key, lower(substr(a, position('=' IN a) + 1)) AS value FROM issuer, unnest(issuer_attributes) a) i
      ON i.value = n.lowered
    UNION
    SELECT n.issuer, n.issuer_folded, i.issuer_key
    FROM (SELECT issuer, issuer_folded, name_parts(issuer_folded) AS parts, name_common(issuer_folded) AS common_name FROM name) n
    JOIN (SELECT DISTINCT issuer_key, name_parts(issuer_folded) AS parts, name_common(issuer_folded) AS common_name FROM issuer) i USING (common_name)
    WHERE i.parts @> n.parts
    UNION
    SELECT n.issuer, n.issuer_folded, a.issuer_key
    FROM (SELECT DISTINCT a.issuer_key, o.subject_folded, o.common_names[1] AS common_name
          FROM issuer_authority a JOIN ca_path p USING (authority) CROSS JOIN LATERAL unnest(p.certificates[2:]) above
          JOIN certificate_own o ON o.certificate = above) a
    CROSS JOIN LATERAL (VALUES (a.subject_folded), (lower(a.common_name))) v (value)
    JOIN (SELECT issuer, issuer_folded, issuer_folded AS value FROM name
          UNION ALL SELECT issuer, issuer_folded, lowered FROM name) n USING (value)
)
SELECT r.id AS record, m.issuer_key FROM meant m JOIN record_open r ON r.issuer = m.issuer AND r.issuer_folded IS NOT DISTINCT FROM m.issuer_folded;
ANALYZE record_issuer;
-- Where many certificates have one issuer and serial number (appliances: CN=CA, 1), the common name must be the same too.
CREATE TEMP TABLE crowd AS
SELECT serial_key, issuer_key FROM known
WHERE has_axes AND serial_key IN (SELECT serial_key FROM record_open) GROUP BY serial_key, issuer_key HAVING count(*) > 50;
CREATE TEMP TABLE record_serial AS
SELECT r.id, i.issuer_key, c.serial_key IS NOT NULL AS is_crowded, true AS is_named_issuer
FROM record_open r JOIN record_issuer i ON i.record = r.id
LEFT JOIN crowd c ON c.serial_key = r.serial_key AND c.issuer_key = i.issuer_key
WHERE r.serial_key IS NOT NULL;
INSERT INTO record_serial
SELECT r.id, NULL, false, false
FROM record_open r LEFT JOIN record_issuer i ON i.record = r.id
WHERE length(r.serial_number) >= 16 AND i.record IS NULL AND coalesce(r.issuer NOT LIKE '%=%', true);
ANALYZE crowd; ANALYZE record_serial;
CREATE TEMP TABLE serial_pair AS
SELECT k.certificate, r.id AS record, true AS is_named_issuer
FROM record_serial s JOIN record_open r USING (id)
JOIN known k ON k.serial_key = r.serial_key AND k.issuer_key = s.issuer_key AND k.has_axes
WHERE NOT s.is_crowded
UNION ALL
SELECT k.certificate, r.id, true
FROM (SELECT DISTINCT ON (r.serial_key, s.issuer_key, r.common_name) r.serial_key, s.issuer_key, r.common_name, r.id
      FROM record_serial s JOIN record_open r USING (id) WHERE s.is_crowded
      ORDER BY r.serial_key, s.issuer_key, r.common_name, r.not_after DESC NULLS LAST, r.id) r
JOIN known k ON k.serial_key = r.serial_key AND k.issuer_key = r.issuer_key AND lower(k.common_name) = r.common_name AND k.has_axes
UNION ALL
SELECT k.certificate, r.id, false
FROM record_serial s JOIN record_open r USING (id) JOIN known k ON k.serial_key = r.serial_key AND k.has_axes
WHERE NOT s.is_named_issuer;
ANALYZE serial_pair;

-- Compares the fields of a certificate and a record with the same serial number.
CREATE TEMP TABLE same_serial AS
SELECT k.certificate, r.id AS record, p.is_named_issuer, k.issuer_key, k.spki_key, length(r.serial_number) >= 16 AS is_long,
       coalesce(NOT s.is_signed AND NOT s.is_untried, false) AS is_misnamed,
       coalesce(r.spki_key <> k.spki_key, false) OR coalesce(r.sha256 <> c.sha256, false) OR coalesce(r.sha1 <> f.sha1, false) AS is_another,
       coalesce(r.names_key = k.names_key, false) OR coalesce(r.common_name = lower(k.common_name), false)
           OR coalesce(r.common_name = ANY (f.dns_names), false) OR coalesce(lower(k.common_name) = ANY (r.name_set), false)
           OR coalesce(r.not_after BETWEEN k.not_after - interval '1 day' AND k.not_after + interval '1 day', false) AS agrees,
       coalesce(abs(date_part('epoch', r.not_after - k.not_after)) > 172800, false)         -- an export's dates are days of some zone
           OR coalesce(abs(date_part('epoch', r.not_before - k.not_before)) > 172800, false)
           OR coalesce(r.common_name <> lower(k.common_name) AND NOT r.common_name = ANY (f.dns_names), false)
           OR (r.name_set <> '{}' AND f.name_set <> '{}' AND NOT r.name_set && f.name_set) AS contradicts
FROM serial_pair p
JOIN record_open r ON r.id = p.record
JOIN known k ON k.certificate = p.certificate
JOIN certificate_own f ON f.certificate = k.certificate AND f.serial_number = r.serial_number
JOIN certificate c ON c.id = k.certificate
LEFT JOIN signed_known s ON s.certificate = k.certificate;
ANALYZE same_serial;

-- A named issuer and its serial number are enough, unless several keys share them: then the other fields must tell them apart.
INSERT INTO ladder
SELECT s.certificate, s.record, CASE WHEN s.is_named_issuer THEN 2 ELSE 3 END,
       CASE WHEN s.is_named_issuer THEN 'R-issuer-serial' WHEN s.agrees THEN 'R-serial' ELSE 'R-serial-only' END,
       (s.agrees AND NOT s.contradicts) OR (s.is_named_issuer AND g.keys = 1)
FROM same_serial s
JOIN (SELECT record, count(DISTINCT spki_key) AS keys
      FROM same_serial WHERE NOT is_another AND NOT is_misnamed GROUP BY record) g USING (record)
LEFT JOIN ladder l ON l.certificate = s.certificate AND l.record = s.record
WHERE l.record IS NULL AND NOT s.is_another AND NOT s.is_misnamed AND (s.is_named_issuer OR NOT s.contradicts);
UPDATE ladder l SET is_counted = false
FROM (SELECT record, step FROM ladder JOIN known k USING (certificate) WHERE step IN (2, 3) AND is_counted
      GROUP BY record, step HAVING count(DISTINCT k.spki_key) > 1) several
WHERE several.record = l.record AND several.step = l.step;
UPDATE ladder l SET is_counted = false      -- without an issuer: if two issuers have used this number, it is unknown which one is meant
FROM (SELECT record FROM same_serial WHERE NOT is_named_issuer GROUP BY record HAVING count(DISTINCT issuer_key) > 1) several
WHERE several.record = l.record AND l.step = 3;

-- Which class of issuer a record names, by the policy's predicates over issuer names.
CREATE TEMP TABLE record_class AS
SELECT DISTINCT i.issuer_folded, r.kind
FROM (SELECT DISTINCT issuer_folded FROM record_open WHERE spki_key IS NOT NULL AND issuer_folded IS NOT NULL) i, issuer_rule r
WHERE NOT EXISTS (SELECT FROM unnest(r.issuer_attributes) g
                  WHERE NOT EXISTS (SELECT FROM regexp_split_to_table(i.issuer_folded, ',(?=[a-z0-9.-]+=)') a WHERE a ILIKE g));

-- The same key. The best record of each key, name and issuer is enough.
CREATE TEMP TABLE same_key AS
SELECT k.certificate, r.id AS record, bool_or(n.name IS NOT NULL) AS has_equal_name,
       bool_or(CASE WHEN r.issuer_folded IS NULL THEN NOT k.is_self_signed
                    ELSE i.issuer_folded = r.issuer_folded OR ri.record IS NOT NULL OR rc.kind IS NOT NULL END) AS is_same_class
FROM (SELECT DISTINCT ON (spki_key, name, issuer_folded, has_owner) spki_key, name, issuer_folded, id
      FROM (SELECT r.spki_key, n.name, r.issuer_folded, r.id, r.not_after, r.owner IS NOT NULL AS has_owner
            FROM record_open r LEFT JOIN LATERAL unnest(r.name_set || r.common_name) n (name) ON n.name IS NOT NULL
            WHERE r.spki_key IS NOT NULL AND r.is_held) r
      ORDER BY spki_key, name, issuer_folded, has_owner, not_after DESC NULLS LAST, id) r
JOIN known k ON k.spki_key = r.spki_key AND k.has_axes
JOIN issuer i USING (issuer_key)
JOIN certificate_facts f ON f.certificate = k.certificate
LEFT JOIN LATERAL (SELECT r.name WHERE r.name = ANY (f.name_set) OR r.name = lower(k.common_name)) n ON true
LEFT JOIN record_issuer ri ON ri.record = r.id AND ri.issuer_key = k.issuer_key
LEFT JOIN issuer_match m ON m.certificate = k.certificate AND NOT m.is_misnamed
LEFT JOIN record_class rc ON rc.issuer_folded = r.issuer_folded AND rc.kind = m.kind
GROUP BY k.certificate, r.id;
INSERT INTO ladder
SELECT s.certificate, s.record, 4, CASE WHEN s.has_equal_name AND s.is_same_class THEN 'R-key' ELSE 'R-key-only' END,
       s.has_equal_name AND s.is_same_class
FROM same_key s
LEFT JOIN ladder l ON l.certificate = s.certificate AND l.record = s.record
WHERE l.record IS NULL;

-- Decisions of people: the latest one on each certificate.
CREATE TEMP TABLE decided AS
SELECT DISTINCT ON (c.id) c.id AS certificate, d.id AS decision, d.kind, d.until, r.id AS record
FROM judging j, decision d
JOIN certificate c ON c.sha256 = d.sha256
JOIN scope_certificate x ON x.certificate = c.id
LEFT JOIN managed_record r ON r.source = d.source AND r.key = d.record_key AND d.kind = 'link'
      AND r.valid_from <= (SELECT as_of FROM judging) AND (r.valid_to IS NULL OR r.valid_to > (SELECT as_of FROM judging))
WHERE d.made_at <= j.as_of AND (d.until IS NULL OR d.until > j.as_of) AND (d.undone_at IS NULL OR d.undone_at > j.as_of)
  AND d.kind <> 'mute'
ORDER BY c.id, d.id DESC;
CREATE TEMP TABLE muted AS
SELECT c.id AS certificate, max(coalesce(d.until, 'infinity')) AS until
FROM judging j, decision d
JOIN certificate c ON c.sha256 = d.sha256
JOIN scope_certificate x ON x.certificate = c.id
WHERE d.made_at <= j.as_of AND (d.until IS NULL OR d.until > j.as_of) AND (d.undone_at IS NULL OR d.undone_at > j.as_of)
  AND d.kind = 'mute' AND d.rule IS NULL
GROUP BY c.id;
-- A link stands before what the ladder finds of the same two, and is kept with it, for what is told of the record.
DELETE FROM ladder l USING decided d WHERE d.certificate = l.certificate AND d.record = l.record;
INSERT INTO ladder
SELECT d.certificate, d.record, 0, 'R-linked', true
FROM decided d JOIN known k USING (certificate)
WHERE d.record IS NOT NULL AND k.has_axes;
ANALYZE ladder; ANALYZE decided; ANALYZE muted;

-- The records that count as this certificate's own. step 0: linked by decision.
CREATE TEMP TABLE record_match AS
SELECT l.certificate, l.record, l.step, l.way, r.not_after, r.owner IS NOT NULL AS has_owner, r.is_held, r.status, r.revoked_at
FROM ladder l JOIN record_open r ON r.id = l.record
WHERE l.is_counted AND l.step > 0
UNION ALL
SELECT d.certificate, r.id, 0, 'R-linked', r.not_after, coalesce(r.owner, r.department) IS NOT NULL, true, r.status, r.revoked_at
FROM decided d JOIN managed_record r ON r.id = d.record;
ANALYZE record_match;

CREATE TEMP TABLE record_best AS
SELECT DISTINCT ON (certificate) certificate, record, step, way COLLATE "C" AS way, is_held, true AS is_matched
FROM record_match
ORDER BY certificate, NOT is_held, step, NOT has_owner, not_after DESC NULLS LAST, record;       -- a list knows more than a file

-- Suggestions, for certificates without a better match: contradicted or ambiguous ones first, then the same key alone, the same
-- names and subject, the same common name.
INSERT INTO record_best
SELECT DISTINCT ON (x.certificate) x.certificate, x.record, x.step, x.way, false, false
FROM (
    SELECT l.certificate, l.record, l.step, CASE WHEN l.way IN ('R-issuer-serial', 'R-serial') THEN 'R-ambiguous' ELSE l.way END AS way,
           r.not_after
    FROM ladder l JOIN record_open r ON r.id = l.record
    WHERE NOT l.is_counted
    UNION ALL
    SELECT s.certificate, s.record, 2, 'R-impostor', NULL FROM same_serial s
    WHERE s.is_long AND s.is_named_issuer AND (s.is_another OR s.is_misnamed)
    UNION ALL
    SELECT k.certificate, r.id, 5, 'R-names', r.not_after
    FROM (SELECT DISTINCT ON (names_key) names_key, id, not_after FROM record_open
          WHERE names_key IS NOT NULL AND subject_folded IS NULL
          ORDER BY names_key, not_after DESC NULLS LAST, id) r
    JOIN known k USING (names_key)
    WHERE k.has_axes
    UNION ALL
    SELECT k.certificate, r.id, 5, 'R-names', r.not_after
    FROM (SELECT DISTINCT ON (names_key, subject_folded) names_key, subject_folded, id, not_after FROM record_open
          WHERE names_key IS NOT NULL AND subject_folded IS NOT NULL
          ORDER BY names_key, subject_folded, not_after DESC NULLS LAST, id) r
    JOIN known k USING (names_key)
    JOIN certificate_facts f ON f.certificate = k.certificate AND f.subject_folded = r.subject_folded
    WHERE k.has_axes
    UNION ALL
    SELECT k.certificate, r.id, 6, 'R-common-name', r.not_after
    FROM (SELECT DISTINCT ON (common_name) common_name, id, not_after FROM record_open
          WHERE common_name <> ''
          ORDER BY common_name, not_after DESC NULLS LAST, id) r
    JOIN known k ON lower(k.common_name) = r.common_name
    WHERE k.has_axes) x
LEFT JOIN record_best b USING (certificate)
WHERE b.certificate IS NULL
ORDER BY x.certificate, x.way = 'R-impostor' DESC, x.step, x.not_after DESC NULLS LAST, x.record;
ANALYZE record_best;

-- What the rules R12 and R13 read.
CREATE TEMP TABLE record_conflict AS
SELECT s.certificate, min(s.record) AS record, 'impostor' COLLATE "C" AS kind, bool_or(s.is_misnamed) AS is_misnamed
FROM same_serial s
WHERE s.is_named_issuer AND (s.is_another OR s.is_misnamed) AND s.is_long
GROUP BY s.certificate
UNION ALL       -- nothing but the issuer and the number is recorded, and certificates of several keys have both
SELECT s.certificate, min(s.record), 'impostor', false
FROM same_serial s
JOIN (SELECT record FROM same_serial WHERE is_named_issuer AND is_long AND NOT is_another AND NOT is_misnamed
      GROUP BY record HAVING count(DISTINCT spki_key) > 1) several USING (record)
WHERE s.is_named_issuer AND NOT s.is_another AND NOT s.is_misnamed
GROUP BY s.certificate
UNION ALL
SELECT s.certificate, min(s.record), 'key', false
FROM same_key s LEFT JOIN record_match m USING (certificate)
WHERE NOT s.has_equal_name AND m.certificate IS NULL
GROUP BY s.certificate
;

-- Keeps the pairs that the ladder found, counted or not, for records that are looked for and for lists.
CREATE TEMP TABLE changed_match AS
SELECT coalesce(n.certificate, o.certificate) AS certificate, coalesce(n.record, o.record) AS record, n.record IS NOT NULL AS stays,
       n.step, n.way, n.is_counted, o.record IS NOT NULL AS was
FROM match_before o
FULL JOIN ladder n ON n.certificate = o.certificate AND n.record = o.record
WHERE n.record IS NULL OR o.record IS NULL OR (n.step, n.way, n.is_counted) IS DISTINCT FROM (o.step, o.way, o.is_counted);
DELETE FROM match_now o USING changed_match c WHERE c.was AND o.certificate = c.certificate AND o.record = c.record;
INSERT INTO match_now (certificate, record, step, way, is_counted)
SELECT certificate, record, step, way, is_counted FROM changed_match WHERE stays;
INSERT INTO written SELECT 'match_now', count(*) FROM changed_match
