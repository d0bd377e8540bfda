-- The first matching line of the rule book for each certificate in each file. Runs after owner_match.sql and reads its tables, and one
-- that the caller creates:
--
--     owner_asked_file (place, certificate, site, host, path)
--
-- It leaves owner_at_file (place, certificate, site, line). A line with an address is for endpoints alone, one with a host or a path
-- for files alone; the others are for both. Hosts and paths are cut into all that could be named in a line, so that each of these
-- is one look-up.
CREATE TEMP TABLE owner_file_line AS
SELECT r.line, r.site, r.host_suffix, r.path_prefix, r.is_plain
FROM owner_rule_now r
WHERE r.is_for_files OR (r.site IS NOT NULL AND r.first_address IS NULL);
ANALYZE owner_file_line;

CREATE TEMP TABLE owner_host AS         -- (host, line)
SELECT h.host, r.line
FROM (SELECT host, string_to_array(rtrim(lower(host), '.'), '.') AS labels FROM (SELECT DISTINCT host FROM owner_asked_file) d
      WHERE EXISTS (SELECT FROM owner_file_line WHERE host_suffix IS NOT NULL)) h
CROSS JOIN LATERAL generate_subscripts(h.labels[:64], 1) n
JOIN owner_file_line r ON text_key(r.host_suffix) = text_key(array_to_string(h.labels[n:], '.'));
CREATE TEMP TABLE owner_path AS         -- (path, line)
SELECT p.path, r.line
FROM (SELECT path, string_to_array(path, '/') AS parts FROM (SELECT DISTINCT path FROM owner_asked_file) d
      WHERE EXISTS (SELECT FROM owner_file_line WHERE path_prefix IS NOT NULL)) p
CROSS JOIN LATERAL generate_subscripts(p.parts[:256], 1) n
JOIN owner_file_line r ON text_key(r.path_prefix) = text_key(array_to_string(p.parts[:n], '/'));
ANALYZE owner_host; ANALYZE owner_path;

CREATE TEMP TABLE owner_file_fit AS     -- lines whose conditions for the place are met
SELECT f.place, f.certificate, r.line, r.is_plain
FROM owner_asked_file f JOIN owner_host h USING (host) JOIN owner_file_line r USING (line)
WHERE r.path_prefix IS NULL AND (r.site IS NULL OR r.site = f.site)
UNION ALL
SELECT f.place, f.certificate, r.line, r.is_plain
FROM owner_asked_file f JOIN owner_path p USING (path) JOIN owner_file_line r USING (line)
LEFT JOIN owner_host h ON h.host = f.host AND h.line = r.line
WHERE (r.host_suffix IS NULL OR h.line IS NOT NULL) AND (r.site IS NULL OR r.site = f.site)
UNION ALL                               -- with a site alone of these: its first, and those that the certificate's names or issuer fit
SELECT f.place, f.certificate, r.line, true
FROM (SELECT site, min(line) AS line FROM owner_file_line WHERE is_plain AND host_suffix IS NULL AND path_prefix IS NULL GROUP BY site) r
JOIN owner_asked_file f USING (site)
UNION ALL
SELECT f.place, f.certificate, r.line, false
FROM owner_file_line r JOIN owner_pair p USING (line) JOIN owner_asked_file f ON f.certificate = p.certificate AND f.site = r.site
WHERE NOT r.is_plain AND r.host_suffix IS NULL AND r.path_prefix IS NULL;
ANALYZE owner_file_fit;

CREATE TEMP VIEW owner_at_file AS
SELECT f.place, f.certificate, f.site, least(c.line, fit.line) AS line
FROM owner_asked_file f
LEFT JOIN owner_certificate c ON c.certificate = f.certificate
LEFT JOIN (SELECT x.place, x.certificate, min(x.line) AS line
           FROM owner_file_fit x LEFT JOIN owner_pair p ON p.certificate = x.certificate AND p.line = x.line
           WHERE x.is_plain OR p.line IS NOT NULL
           GROUP BY x.place, x.certificate) fit ON fit.place = f.place AND fit.certificate = f.certificate;
