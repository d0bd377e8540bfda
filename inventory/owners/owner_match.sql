-- Finds the first matching line of the rule book for each certificate and for each certificate at each place. Both reconcile and
-- `owners explain` run this script, so the rule is written once. It reads these temporary tables or views, which the caller creates:
--
--     owner_asked_site (id, name)                     the sites
--     owner_asked_issuer (issuer_key, issuer)         distinct issuers
--     owner_asked_leaf (certificate, issuer_key)      certificates
--     owner_asked_name (certificate, endpoint, name)  names of certificates (endpoint NULL), server names of endpoints (certificate NULL)
--     owner_asked_place (endpoint, certificate, site, address)
--
-- and leaves owner_rule_now (the lines in force), owner_certificate (certificate, line), owner_by_place and owner_at_place (endpoint, certificate,
-- site, line). Files are the next script's: owner_match_files.sql.
--
-- To avoid comparing every line with every place, conditions over names and issuers are tested per certificate: suffixes by
-- the part of a name after its first dot, which many names share. Ranges divide the address space into segments, so that a
-- place finds its lines by the number of its segment. Only lines with both kinds of condition are tested per place.
CREATE TEMP TABLE owner_rule_now AS
SELECT r.line, s.id AS site, r.site IS NOT NULL AND s.id IS NULL AS is_nowhere, r.first_address, r.last_address,
       r.name_suffix, r.issuer_like,
       r.host_suffix, r.path_prefix, r.host_suffix IS NOT NULL OR r.path_prefix IS NOT NULL AS is_for_files,
       r.name_suffix IS NULL AND r.issuer_like IS NULL AS is_plain,        -- has conditions for places only
       r.site IS NULL AND coalesce(r.first_address::text, r.host_suffix, r.path_prefix) IS NULL        -- has a suffix or an issuer only
       AND (r.name_suffix IS NULL) <> (r.issuer_like IS NULL) AS is_simple,
       md5(concat_ws(E'\x1f', 'rule', r.owner, r.contacts::text, coalesce(r.environment, ''), r.text))::uuid AS key,
       r.owner, r.contacts, r.environment, i.file || ':' || coalesce(r.source_line, r.line) || ': ' || r.text AS evidence,
       coalesce(i.record_rank <= r.line, false) AS is_after_record         -- the owner that a managed record names goes first
FROM owner_rule_current r JOIN owner_import i ON i.id = r.import LEFT JOIN owner_asked_site s ON s.name = r.site;
DELETE FROM owner_rule_now WHERE is_nowhere OR (is_for_files AND first_address IS NOT NULL);
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

-- Each certificate at each place, with the segment of its address.
-- (An array that long is compressed where it is stored; the concatenation unpacks it once for all rows.)
CREATE TEMP TABLE at_place AS
WITH bound AS MATERIALIZED (SELECT v4 || '{}'::bigint[] AS v4, v6 || '{}'::inet[] AS v6 FROM owner_bound)
SELECT p.endpoint, p.certificate, p.site,
       CASE family(p.address) WHEN 4 THEN width_bucket(p.address - inet '0.0.0.0', b.v4)
            ELSE -width_bucket(p.address, b.v6) END AS segment
FROM bound b, owner_asked_place p;
ANALYZE at_place;

-- Names of certificates and server names of endpoints, as hashes: the whole name, and the part after its first dot. Many names
-- share the latter, so suffixes are looked up once per such part.
CREATE TEMP TABLE owner_name AS
SELECT n.certificate, n.endpoint, text_key(n.name) AS key,
       CASE WHEN strpos(n.name, '.') > 0 THEN text_key(substr(n.name, strpos(n.name, '.') + 1)) END AS parent_key, n.name
FROM owner_asked_name n
WHERE EXISTS (SELECT FROM owner_rule_now WHERE name_suffix IS NOT NULL);
ANALYZE owner_name;

CREATE TEMP TABLE owner_below AS        -- (part after the first dot, line)
SELECT p.parent_key, r.line
FROM (SELECT parent_key, string_to_array(min(substr(name, strpos(name, '.') + 1)), '.') AS labels FROM owner_name
      WHERE parent_key IS NOT NULL GROUP BY parent_key) p
CROSS JOIN LATERAL unnest(p.labels[:64]) WITH ORDINALITY AS label (label, n)
JOIN owner_rule_now r ON text_key(r.name_suffix) = text_key(array_to_string(p.labels[label.n::integer:], '.'));
ANALYZE owner_below;

-- Lines with a suffix and another condition, with the names that the suffix fits; if they have an issuer too, both must fit.
CREATE TEMP TABLE owner_pair AS
SELECT n.certificate, n.endpoint, r.line
FROM owner_name n JOIN owner_below b USING (parent_key) JOIN owner_rule_now r USING (line) WHERE NOT r.is_simple
UNION
SELECT n.certificate, n.endpoint, r.line
FROM owner_name n JOIN owner_rule_now r ON text_key(r.name_suffix) = n.key WHERE NOT r.is_simple;
DELETE FROM owner_pair p USING owner_rule_now r, owner_asked_leaf k, owner_asked_issuer i
WHERE r.line = p.line AND r.issuer_like IS NOT NULL AND k.certificate = p.certificate AND i.issuer_key = k.issuer_key
  AND NOT coalesce(i.issuer ILIKE r.issuer_like, false);
INSERT INTO owner_pair                  -- an issuer, and a place
SELECT k.certificate, NULL, m.line
FROM (SELECT i.issuer_key, r.line FROM owner_asked_issuer i JOIN owner_rule_now r ON i.issuer ILIKE r.issuer_like
      WHERE r.name_suffix IS NULL AND NOT r.is_simple) m
JOIN owner_asked_leaf k USING (issuer_key);
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
FROM owner_asked_leaf k
LEFT JOIN owner_named n ON n.certificate = k.certificate
LEFT JOIN (SELECT i.issuer_key, min(r.line) AS line FROM owner_asked_issuer i JOIN owner_rule_now r ON i.issuer ILIKE r.issuer_like
           WHERE r.name_suffix IS NULL AND r.is_simple GROUP BY i.issuer_key) i ON i.issuer_key = k.issuer_key
LEFT JOIN (SELECT p.certificate, min(p.line) AS line FROM owner_pair p JOIN owner_rule_now r USING (line)
           WHERE r.site IS NULL AND r.first_address IS NULL AND NOT r.is_for_files GROUP BY p.certificate) p ON p.certificate = k.certificate
CROSS JOIN (SELECT min(line) AS line FROM owner_rule_now
            WHERE is_plain AND site IS NULL AND first_address IS NULL AND NOT is_for_files) bare
WHERE least(n.line, i.line, p.line, bare.line) IS NOT NULL;
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
      FROM owner_pair p JOIN owner_rule_now r ON r.line = p.line AND NOT r.is_for_files
      JOIN at_place a ON a.certificate = p.certificate
      LEFT JOIN owner_segment s ON s.line = p.line
      WHERE (r.site IS NULL OR r.site = a.site) AND (s.line IS NULL OR a.segment BETWEEN s.first AND s.last)
      UNION ALL
      SELECT a.endpoint, a.certificate, p.line
      FROM owner_pair p JOIN owner_rule_now r ON r.line = p.line AND NOT r.is_for_files
      JOIN at_place a ON a.endpoint = p.endpoint
      JOIN owner_asked_leaf k ON k.certificate = a.certificate
      JOIN owner_asked_issuer i USING (issuer_key)
      LEFT JOIN owner_segment s ON s.line = p.line
      WHERE (r.site IS NULL OR r.site = a.site) AND (s.line IS NULL OR a.segment BETWEEN s.first AND s.last)
        AND (r.issuer_like IS NULL OR i.issuer ILIKE r.issuer_like)) x
GROUP BY endpoint, certificate;
ANALYZE owner_both;

CREATE TEMP VIEW owner_by_place AS      -- by all conditions but those of the certificate alone
SELECT a.endpoint, a.certificate, a.site, least(anywhere.line, sited.line, site.line, both_of.line, called.line) AS line
FROM at_place a
LEFT JOIN owner_plain anywhere ON anywhere.segment = a.segment AND anywhere.site IS NULL
LEFT JOIN owner_plain sited ON sited.segment = a.segment AND sited.site = a.site
LEFT JOIN (SELECT site, min(line) AS line FROM owner_rule_now WHERE is_plain AND first_address IS NULL AND site IS NOT NULL AND NOT is_for_files
           GROUP BY site) site ON site.site = a.site
LEFT JOIN owner_both both_of ON both_of.endpoint = a.endpoint AND both_of.certificate = a.certificate
LEFT JOIN owner_named called ON called.endpoint = a.endpoint AND called.endpoint IS NOT NULL;      -- names of certificates are not hashed
CREATE TEMP VIEW owner_at_place AS
SELECT p.endpoint, p.certificate, p.site, least(c.line, p.line) AS line
FROM owner_by_place p LEFT JOIN owner_certificate c USING (certificate);
