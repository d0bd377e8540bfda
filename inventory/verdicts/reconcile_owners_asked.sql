-- What owner_match.sql and owner_match_files.sql read in a reconcile run: the leaves in scope, their places in scope, and the files in which
-- they count, or in which a key of theirs lies that all may read (K21): whose file that is must close it.
CREATE TEMP VIEW owner_asked_site AS SELECT id, name FROM site;
-- Records that no certificate matches have owners by their names and issuers, too: certificate is then minus the record.
CREATE TEMP TABLE owner_asked_record AS
SELECT r.id AS record, coalesce(text_key(r.issuer), 0) AS issuer_key, r.issuer, r.common_name, r.name_set
FROM record_open r
WHERE r.is_held AND NOT EXISTS (SELECT FROM match_now m WHERE m.record = r.id AND m.is_counted);      -- also by one that is not in scope
ANALYZE owner_asked_record;
CREATE TEMP VIEW owner_asked_issuer AS
SELECT issuer_key, issuer FROM issuer
UNION
SELECT issuer_key, coalesce(issuer, '') FROM owner_asked_record WHERE issuer_key NOT IN (SELECT i.issuer_key FROM issuer i);
CREATE TEMP VIEW owner_asked_leaf AS
SELECT certificate, issuer_key FROM known WHERE has_axes
UNION ALL
SELECT -record, issuer_key FROM owner_asked_record;
CREATE TEMP VIEW owner_asked_place AS
SELECT p.endpoint, p.certificate, e.site, e.address
FROM (SELECT endpoint, certificate FROM place WHERE is_alone
      UNION ALL SELECT DISTINCT endpoint, certificate FROM place WHERE NOT is_alone) p
JOIN endpoint e ON e.id = p.endpoint;
CREATE TEMP VIEW owner_asked_name AS
SELECT k.certificate, NULL::bigint AS endpoint,
       unnest(CASE WHEN k.common_name <> '' AND NOT lower(k.common_name) = ANY (o.dns_names) THEN o.dns_names || lower(k.common_name)
                   ELSE o.dns_names END) AS name
FROM known k JOIN certificate_own o USING (certificate) WHERE k.has_axes
UNION ALL
SELECT -r.record, NULL, lower(n.name)
FROM owner_asked_record r CROSS JOIN LATERAL (SELECT unnest(r.name_set) UNION SELECT r.common_name) n (name) WHERE n.name <> ''
UNION ALL
SELECT NULL, e.id, e.server_name
FROM (SELECT DISTINCT endpoint FROM place) p JOIN endpoint e ON e.id = p.endpoint
WHERE e.server_name <> '';
CREATE TEMP TABLE owner_asked_file AS
SELECT DISTINCT f.place, c.certificate, f.site, f.host, f.path
FROM known k JOIN file_state_certificate c USING (certificate) JOIN file_at f USING (state)
WHERE k.has_axes AND f.counts;
CREATE TEMP TABLE owner_asked_key AS    -- is_there: the certificate lies there, too
SELECT k.*, a.place IS NOT NULL AS is_there
FROM (SELECT DISTINCT f.place, h.certificate, f.site, f.host, f.path
      FROM (SELECT DISTINCT certificate FROM hit WHERE rule = 'K21') h
      JOIN certificate_own o USING (certificate)
      JOIN file_state_key k USING (spki_sha256)
      JOIN file_at f USING (state)
      WHERE k.kind = 1 AND NOT k.is_encrypted AND f.mode & 4 <> 0) k
LEFT JOIN owner_asked_file a ON a.place = k.place AND a.certificate = k.certificate;
INSERT INTO owner_asked_file SELECT place, certificate, site, host, path FROM owner_asked_key WHERE NOT is_there;
ANALYZE owner_asked_file; ANALYZE owner_asked_key;
