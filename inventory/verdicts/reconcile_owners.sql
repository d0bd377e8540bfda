-- Who owns each certificate at each place? The first matching line of the rule book decides; the managed record's owner or department is
-- a line of its own rank, after all others unless the rule book places it elsewhere.
-- To avoid comparing every line with every place, conditions over names and issuers are tested per certificate: suffixes by
-- the part of a name after its first dot, which many names share. Ranges divide the address space into segments, so that a
-- place finds its lines by the number of its segment. Only lines with both kinds of condition are tested per place.
CREATE TEMP TABLE owner_rule_now AS
SELECT r.line, s.id AS site, r.site IS NOT NULL AND s.id IS NULL AS is_nowhere, r.first_address, r.last_address,
       r.name_suffix, r.issuer_like,
       r.name_suffix IS NULL AND r.issuer_like IS NULL AS is_plain,        -- has conditions for places only
       r.site IS NULL AND r.first_address IS NULL                          -- has a suffix or an issuer only
       AND (r.name_suffix IS NULL) <> (r.issuer_like IS NULL) AS is_simple,
       md5(concat_ws(E'\x1f', 'rule', r.owner, r.contacts::text, coalesce(r.environment, ''), r.text))::uuid AS key,
       r.owner, r.contacts, r.environment, i.file || ':' || coalesce(r.source_line, r.line) || ': ' || r.text AS evidence
FROM owner_rule_current r JOIN owner_import i ON i.id = r.import LEFT JOIN site s ON s.name = r.site;
DELETE FROM owner_rule_now WHERE is_nowhere;
ANALYZE owner_rule_now;

-- Segments: one begins at every first address of a range, and after every last address. IPv4 is counted from 1, IPv6 from -1 down.
CREATE TEMP TABLE owner_bound AS
SELECT coalesce((SELECT array_agg(DISTINCT b ORDER BY b) FROM (
                     SELECT first_address - inet '0.0.0.0' AS b FROM owner_rule_now WHERE family(first_address) = 4
                     UNION ALL
                     SELECT last_address - inet '0.0.0.0' + 1 FROM owner_rule_now WHERE family(first_address) = 4) x),
                '{0}'::bigint[]) AS v4,
       coalesce((SELECT array_agg(DISTINCT b ORDER BY b) FROM (
                     SELECT first_address AS b FROM owner_rule_now WHERE family(first_address) = 6
                     UNION ALL
                     SELECT last_address + 1 FROM owner_rule_now
                     WHERE family(first_address) = 6 AND last_address < 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff') x),
                '{::}'::inet[]) AS v6;

CREATE TEMP TABLE owner_segment AS        -- of lines with a range: its segments, from and to
SELECT r.line, CASE family(r.first_address) WHEN 4 THEN width_bucket(r.first_address - inet '0.0.0.0', b.v4)
                    ELSE -width_bucket(r.last_address, b.v6) END AS first,
       CASE family(r.first_address) WHEN 4 THEN width_bucket(r.last_address - inet '0.0.0.0', b.v4)
            ELSE -width_bucket(r.first_address, b.v6) END AS last
FROM owner_rule_now r, owner_bound b
WHERE r.first_address IS NOT NULL;

ANALYZE owner_bound; ANALYZE owner_segment;

-- Each leaf at each endpoint in scope, with the segment of its address.
-- (An array that long is compressed where it is stored; the concatenation unpacks it once for all rows.)
CREATE TEMP TABLE at_place AS
WITH bound AS MATERIALIZED (SELECT v4 || '{}'::bigint[] AS v4, v6 || '{}'::inet[] AS v6 FROM owner_bound)
SELECT p.endpoint, p.certificate, e.site,
       CASE family(e.address) WHEN 4 THEN width_bucket(e.address - inet '0.0.0.0', b.v4)
            ELSE -width_bucket(e.address, b.v6) END AS segment
FROM bound b, (SELECT DISTINCT endpoint, certificate FROM place) p JOIN endpoint e ON e.id = p.endpoint;
ANALYZE at_place;

-- Names of certificates and server names of endpoints, as hashes: the whole name, and the part after its first dot. Many names
-- share the latter, so suffixes are looked up once per such part.
CREATE TEMP TABLE owner_name AS
SELECT n.certificate, n.endpoint, text_key(n.name) AS key,
       CASE WHEN strpos(n.name, '.') > 0 THEN text_key(substr(n.name, strpos(n.name, '.') + 1)) END AS parent_key, n.name
FROM (
    SELECT k.certificate, NULL::bigint AS endpoint, unnest(f.dns_names) AS name
    FROM known k JOIN certificate_facts f USING (certificate) WHERE k.has_axes
    UNION ALL
    SELECT k.certificate, NULL, lower(k.common_name) FROM known k JOIN certificate_facts f USING (certificate)
    WHERE k.has_axes AND k.common_name <> '' AND NOT lower(k.common_name) = ANY (f.dns_names)
    UNION ALL
    SELECT NULL, a.endpoint, e.server_name
    FROM (SELECT DISTINCT endpoint FROM at_place) a JOIN endpoint e ON e.id = a.endpoint
    WHERE e.server_name <> '') n
WHERE EXISTS (SELECT FROM owner_rule_now WHERE name_suffix IS NOT NULL);
ANALYZE owner_name;

CREATE TEMP TABLE owner_below AS        -- (part after the first dot, line)
SELECT p.parent_key, r.line
FROM (SELECT parent_key, min(substr(name, strpos(name, '.') + 1)) AS parent FROM owner_name
      WHERE parent_key IS NOT NULL GROUP BY parent_key) p
CROSS JOIN LATERAL string_to_array(p.parent, '.') labels
CROSS JOIN LATERAL generate_series(1, least(cardinality(labels), 64)) n
JOIN owner_rule_now r ON text_key(r.name_suffix) = text_key(array_to_string(labels[n:], '.'));
ANALYZE owner_below;

-- Lines with a suffix and another condition, with the names that the suffix fits; if they have an issuer too, both must fit.
CREATE TEMP TABLE owner_pair AS
SELECT n.certificate, n.endpoint, r.line
FROM owner_name n JOIN owner_below b USING (parent_key) JOIN owner_rule_now r USING (line) WHERE NOT r.is_simple
UNION
SELECT n.certificate, n.endpoint, r.line
FROM owner_name n JOIN owner_rule_now r ON text_key(r.name_suffix) = n.key WHERE NOT r.is_simple;
DELETE FROM owner_pair p USING owner_rule_now r, known k, issuer i
WHERE r.line = p.line AND r.issuer_like IS NOT NULL AND k.certificate = p.certificate AND i.issuer_key = k.issuer_key
  AND NOT coalesce(i.issuer ILIKE r.issuer_like, false);
INSERT INTO owner_pair                  -- an issuer, and a place
SELECT k.certificate, NULL, m.line
FROM (SELECT i.issuer_key, r.line FROM issuer i JOIN owner_rule_now r ON i.issuer ILIKE r.issuer_like
      WHERE r.name_suffix IS NULL AND NOT r.is_simple) m
JOIN known k USING (issuer_key)
WHERE k.has_axes;
ANALYZE owner_pair;

-- The first line that fits a certificate at any place, and the first line that fits by the server name of an endpoint.
CREATE TEMP TABLE owner_named AS
SELECT n.certificate, n.endpoint, min(least(b.line, r.line)) AS line
FROM owner_name n
LEFT JOIN (SELECT b.parent_key, min(b.line) AS line FROM owner_below b JOIN owner_rule_now r USING (line)
           WHERE r.is_simple GROUP BY b.parent_key) b USING (parent_key)
LEFT JOIN (SELECT text_key(name_suffix) AS key, min(line) AS line FROM owner_rule_now
           WHERE is_simple AND name_suffix IS NOT NULL GROUP BY 1) r USING (key)
WHERE b.line IS NOT NULL OR r.line IS NOT NULL
GROUP BY n.certificate, n.endpoint;
ANALYZE owner_named;

CREATE TEMP TABLE owner_certificate AS
SELECT k.certificate, least(n.line, i.line, p.line, bare.line) AS line
FROM known k
LEFT JOIN owner_named n ON n.certificate = k.certificate
LEFT JOIN (SELECT i.issuer_key, min(r.line) AS line FROM issuer i JOIN owner_rule_now r ON i.issuer ILIKE r.issuer_like
           WHERE r.name_suffix IS NULL AND r.is_simple GROUP BY i.issuer_key) i ON i.issuer_key = k.issuer_key
LEFT JOIN (SELECT p.certificate, min(p.line) AS line FROM owner_pair p JOIN owner_rule_now r USING (line)
           WHERE r.site IS NULL AND r.first_address IS NULL GROUP BY p.certificate) p ON p.certificate = k.certificate
CROSS JOIN (SELECT min(line) AS line FROM owner_rule_now
            WHERE is_plain AND site IS NULL AND first_address IS NULL) bare
WHERE k.has_axes AND least(n.line, i.line, p.line, bare.line) IS NOT NULL;
ANALYZE owner_certificate;

-- The first line that fits a segment alone, for any site and for each; and the lines with conditions for place and certificate.
CREATE TEMP TABLE owner_plain AS
SELECT segment, r.site, min(r.line) AS line
FROM owner_rule_now r JOIN owner_segment s USING (line) CROSS JOIN LATERAL generate_series(s.first, s.last) segment
WHERE r.is_plain GROUP BY segment, r.site;
ANALYZE owner_plain;

CREATE TEMP TABLE owner_both AS
SELECT endpoint, certificate, min(line) AS line
FROM (SELECT a.endpoint, a.certificate, p.line
      FROM owner_pair p JOIN owner_rule_now r USING (line)
      JOIN at_place a ON a.certificate = p.certificate
      LEFT JOIN owner_segment s ON s.line = p.line
      WHERE (r.site IS NULL OR r.site = a.site) AND (s.line IS NULL OR a.segment BETWEEN s.first AND s.last)
      UNION ALL
      SELECT a.endpoint, a.certificate, p.line
      FROM owner_pair p JOIN owner_rule_now r USING (line)
      JOIN at_place a ON a.endpoint = p.endpoint
      JOIN known k ON k.certificate = a.certificate
      JOIN issuer i USING (issuer_key)
      LEFT JOIN owner_segment s ON s.line = p.line
      WHERE (r.site IS NULL OR r.site = a.site) AND (s.line IS NULL OR a.segment BETWEEN s.first AND s.last)
        AND (r.issuer_like IS NULL OR i.issuer ILIKE r.issuer_like)) x
GROUP BY endpoint, certificate;
ANALYZE owner_both;

-- The owner by the managed record: the best match that names one.
CREATE TEMP TABLE owner_record AS
SELECT m.certificate, coalesce(r.owner, r.department) AS owner, r.contacts, r.environment, 'managed record ' || r.file || ':' || r.line AS evidence,
       md5(concat_ws(E'\x1f', 'record', coalesce(r.owner, r.department), r.contacts::text, coalesce(r.environment, ''), r.file, r.line))::uuid AS key
FROM (SELECT DISTINCT ON (certificate) certificate, record FROM record_match WHERE has_owner
      ORDER BY certificate, step, record) m
JOIN managed_record r ON r.id = m.record;

INSERT INTO owner_basis (key, owner, contacts, environment, evidence)
SELECT DISTINCT ON (n.key) n.key, n.owner, n.contacts, n.environment, n.evidence
FROM (SELECT key, owner, contacts, environment, evidence, line FROM owner_rule_now
      UNION ALL SELECT key, owner, contacts, environment, evidence, 0 FROM owner_record) n
LEFT JOIN owner_basis b USING (key)
WHERE b.key IS NULL
ORDER BY n.key, n.line;
UPDATE owner_basis b SET evidence = r.evidence
FROM (SELECT DISTINCT ON (key) key, evidence FROM owner_rule_now ORDER BY key, line) r
WHERE r.key = b.key AND r.evidence <> b.evidence;
ALTER TABLE owner_rule_now ADD basis bigint;
UPDATE owner_rule_now r SET basis = b.id FROM owner_basis b WHERE b.key = r.key;
ALTER TABLE owner_record ADD basis bigint;
UPDATE owner_record r SET basis = b.id FROM owner_basis b WHERE b.key = r.key;
ANALYZE owner_rule_now; ANALYZE owner_record;
