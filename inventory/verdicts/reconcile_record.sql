-- Axis record: is the certificate in the managed set? The match ladder: 1 the same DER, 2 issuer and serial number,
-- 3 the same key, 4 the same names and subject. Step 4 is only a suggestion. The best step is
-- kept, with its record. Each step joins on a hash, then compares the values. Where many certificates and many records can
-- share a value (a key, names), the best record of each value is selected first.
CREATE TEMP TABLE record_match AS
SELECT k.certificate, r.id AS record, 1 AS step, r.not_after, r.owner IS NOT NULL AS has_owner
FROM record_open r JOIN certificate c ON c.sha256 = r.sha256 JOIN known k ON k.certificate = c.id
WHERE k.has_axes
UNION ALL
SELECT k.certificate, r.id, 2, r.not_after, r.owner IS NOT NULL
FROM (-- the issuers that a record can mean: by the whole name, or by one attribute of it
      SELECT r.id, r.serial_key, r.serial_number, r.not_after, r.owner, i.issuer_key
      FROM record_open r JOIN issuer i ON i.issuer_folded = r.issuer_folded
      WHERE r.serial_key IS NOT NULL
      UNION
      SELECT r.id, r.serial_key, r.serial_number, r.not_after, r.owner, i.issuer_key
      FROM record_open r
      JOIN (SELECT DISTINCT issuer_key, lower(substr(a, position('=' IN a) + 1)) AS value
            FROM issuer, unnest(issuer_attributes) a) i ON i.value = lower(r.issuer)
      WHERE r.serial_key IS NOT NULL) r
JOIN known k ON k.serial_key = r.serial_key AND k.issuer_key = r.issuer_key AND k.has_axes
JOIN certificate_facts f ON f.certificate = k.certificate AND f.serial_number = r.serial_number;

INSERT INTO record_match
SELECT k.certificate, r.id, 3, r.not_after, r.has_owner
FROM (SELECT DISTINCT ON (spki_key, has_owner) spki_key, id, not_after, owner IS NOT NULL AS has_owner
      FROM record_open WHERE spki_key IS NOT NULL
      ORDER BY spki_key, has_owner, not_after DESC NULLS LAST, id) r
JOIN known k ON k.spki_key = r.spki_key AND k.has_axes;
ANALYZE record_match;

CREATE TEMP TABLE record_best AS
SELECT DISTINCT ON (certificate) certificate, record, step FROM record_match
ORDER BY certificate, step, not_after DESC NULLS LAST, record;

-- Suggestions, for certificates without a better match.
INSERT INTO record_best
SELECT DISTINCT ON (x.certificate) x.certificate, x.record, 4
FROM (
    SELECT k.certificate, r.id AS record, r.not_after
    FROM (SELECT DISTINCT ON (names_key) names_key, id, not_after FROM record_open
          WHERE names_key IS NOT NULL AND subject_folded IS NULL
          ORDER BY names_key, not_after DESC NULLS LAST, id) r
    JOIN known k USING (names_key)
    WHERE k.has_axes
    UNION ALL
    SELECT k.certificate, r.id, r.not_after
    FROM (SELECT DISTINCT ON (names_key, subject_folded) names_key, subject_folded, id, not_after FROM record_open
          WHERE names_key IS NOT NULL AND subject_folded IS NOT NULL
          ORDER BY names_key, subject_folded, not_after DESC NULLS LAST, id) r
    JOIN known k USING (names_key)
    JOIN certificate_facts f ON f.certificate = k.certificate AND f.subject_folded = r.subject_folded
    WHERE k.has_axes
    UNION ALL
    SELECT k.certificate, r.id, r.not_after
    FROM (SELECT DISTINCT ON (names_key, common_name) names_key, common_name, id, not_after FROM record_open
          WHERE names_key IS NOT NULL AND common_name IS NOT NULL
          ORDER BY names_key, common_name, not_after DESC NULLS LAST, id) r
    JOIN known k USING (names_key)
    WHERE k.has_axes AND r.common_name = lower(k.common_name)) x
LEFT JOIN record_best b USING (certificate)
WHERE b.certificate IS NULL
ORDER BY x.certificate, x.not_after DESC NULLS LAST, x.record;
CREATE UNIQUE INDEX ON record_best (certificate);
ANALYZE record_best;

-- The latest decision of people about each certificate.
CREATE TEMP TABLE decided AS
SELECT DISTINCT ON (c.id) c.id AS certificate, d.id AS decision, d.until
FROM judging j, decision d JOIN certificate c ON c.sha256 = d.sha256
WHERE d.made_at <= j.as_of AND (d.until IS NULL OR d.until > j.as_of)
ORDER BY c.id, d.id DESC
