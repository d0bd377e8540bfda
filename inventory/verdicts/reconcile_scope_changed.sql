-- Puts into the scope: the entries of the list (dirty), what is due, and everything that these affect. Every step looks up a few rows
-- by an index.
ANALYZE judging;
CREATE TEMP VIEW answer_in_scope AS SELECT a.* FROM scope_endpoint x JOIN answer_span a USING (endpoint);
CREATE TEMP VIEW judged_at_endpoint AS SELECT e.* FROM scope_endpoint x JOIN endpoint_judged e USING (endpoint);
CREATE TEMP VIEW judged_of_certificate AS SELECT e.* FROM scope_certificate x JOIN endpoint_judged e USING (certificate);
CREATE TEMP TABLE changed AS
SELECT kind, id FROM dirty GROUP BY kind, id;
ANALYZE changed;

-- Records: new, ended, or due.
INSERT INTO scope_record
SELECT id FROM changed WHERE kind = 3
UNION SELECT r.record FROM judging j, record_judged r WHERE r.next_change_at <= j.as_of;
ANALYZE scope_record;

-- Certificates: with new facts, paths or decisions; due; and those that such a record matches or matched.
INSERT INTO scope_certificate
SELECT id FROM changed WHERE kind = 1
UNION SELECT n.certificate FROM judging j, certificate_now n WHERE n.next_change_at <= j.as_of
UNION SELECT c.id FROM scope_record x JOIN managed_record r ON r.id = x.record JOIN certificate c ON c.sha256 = r.sha256
UNION SELECT n.certificate FROM scope_record x JOIN managed_record r ON r.id = x.record
      JOIN certificate_now n ON n.serial_key = r.serial_key
UNION SELECT n.certificate FROM scope_record x JOIN managed_record r ON r.id = x.record
      JOIN certificate_now n ON n.spki_key = r.spki_key
UNION SELECT n.certificate FROM scope_record x JOIN managed_record r ON r.id = x.record
      JOIN certificate_now n ON n.names_key = r.names_key
UNION SELECT o.certificate FROM scope_record x JOIN managed_record r ON r.id = x.record JOIN certificate_own o ON o.sha1 = r.sha1
UNION SELECT n.certificate FROM scope_record x JOIN managed_record r ON r.id = x.record AND r.common_name <> ''
      JOIN certificate_now n ON text_key(lower(n.name)) = text_key(r.common_name)
UNION SELECT n.certificate FROM scope_record x JOIN certificate_now n ON n.record_id = x.record
UNION SELECT m.certificate FROM scope_record x JOIN match_now m ON m.record = x.record
-- those that a decision has linked to such a record, and those of records whose place it takes
UNION SELECT c.id FROM scope_record x JOIN managed_record r ON r.id = x.record
      JOIN decision d ON d.record_key = r.key AND d.source = r.source JOIN certificate c ON c.sha256 = d.sha256
UNION SELECT m.certificate FROM scope_record x JOIN managed_record r ON r.id = x.record AND r.replaces IS NOT NULL
      JOIN managed_record o ON text_key(o.order_number) = text_key(r.replaces) JOIN match_now m ON m.record = o.id
UNION SELECT m.certificate FROM scope_record x JOIN managed_record r ON r.id = x.record AND r.order_number IS NOT NULL
      JOIN managed_record o ON text_key(o.order_number) = text_key(r.order_number) JOIN match_now m ON m.record = o.id
UNION SELECT m.certificate FROM scope_record x JOIN managed_record r ON r.id = x.record
      JOIN managed_record o ON o.serial_key = text_key(r.replaces) JOIN match_now m ON m.record = o.id
      WHERE r.replaces IS NOT NULL
UNION SELECT m.certificate FROM scope_record x JOIN managed_record r ON r.id = x.record
      JOIN managed_record o ON text_key(o.replaced_by) IN (text_key(r.order_number), r.serial_key) AND o.replaced_by IS NOT NULL
      JOIN match_now m ON m.record = o.id;
ANALYZE scope_certificate;

-- Endpoints: with changed answers; those that serve a certificate affected by a record; those that such a record names; those of
-- a new certificate; those that send a CA certificate which has expired.
INSERT INTO scope_endpoint
SELECT id FROM changed WHERE kind = 2
-- those that only captures and imports have shown, too long ago
UNION SELECT e.endpoint FROM judging j, endpoint_judged e WHERE e.stale_at <= j.as_of
-- those with a finding that time has changed
UNION SELECT f.endpoint FROM judging j, finding f WHERE f.next_change_at <= j.as_of AND f.endpoint <> 0
UNION SELECT e.endpoint FROM scope_certificate x JOIN endpoint_judged e USING (certificate)
      WHERE EXISTS (SELECT FROM scope_record)
-- those that serve what a decision has linked, and what is revoked or was
UNION SELECT e.endpoint FROM scope_certificate x JOIN certificate c ON c.id = x.certificate
      JOIN decision d ON d.sha256 = c.sha256 AND d.kind = 'link' JOIN endpoint_judged e ON e.certificate = x.certificate
UNION SELECT j.endpoint FROM scope_certificate x JOIN edge e ON e.child = x.certificate JOIN certificate_own o ON o.certificate = x.certificate
      JOIN revocation r ON r.authority = e.authority AND r.serial_number = o.serial_number
      JOIN endpoint_judged j ON j.certificate = x.certificate
UNION SELECT j.endpoint FROM scope_certificate x JOIN certificate_now n ON n.certificate = x.certificate AND n.is_revoked
      JOIN endpoint_judged j ON j.certificate = x.certificate
UNION SELECT e.id FROM scope_record x JOIN managed_location l ON l.record = x.record
      JOIN site s ON s.id = l.site OR l.site IS NULL
      JOIN endpoint e ON e.site = s.id AND e.address = l.address
UNION SELECT e.id FROM scope_record x JOIN managed_location l ON l.record = x.record AND l.address IS NULL
      JOIN endpoint e ON text_key(e.server_name) = text_key(l.name) AND e.server_name <> ''
UNION SELECT s.endpoint FROM scope_certificate x JOIN chain c ON c.leaf = x.certificate JOIN serving s ON s.chain = c.id
      WHERE NOT EXISTS (SELECT FROM certificate_now n WHERE n.certificate = x.certificate)
UNION SELECT s.endpoint FROM judging j, certificate_now n
      JOIN chain_certificate cc ON cc.certificate = n.certificate AND cc.position > 0
      JOIN serving s ON s.chain = cc.chain AND s.closed_at IS NULL
      WHERE n.next_change_at <= j.as_of AND (NOT n.is_leaf OR n.not_after < j.as_of);
ANALYZE scope_endpoint;

-- Endpoints that serve a certificate whose place another of the same names took at one of these: it is superseded everywhere.
INSERT INTO scope_endpoint
SELECT DISTINCT j.endpoint
FROM (SELECT DISTINCT c.leaf, names_key(o.name_set) AS names_key, x.endpoint
      FROM scope_endpoint x JOIN answer_span a USING (endpoint) JOIN chain c ON c.id = a.chain
      JOIN certificate_own o ON o.certificate = c.leaf) older
JOIN (SELECT DISTINCT c.leaf, names_key(o.name_set) AS names_key, x.endpoint
      FROM scope_endpoint x JOIN answer_span a USING (endpoint) JOIN chain c ON c.id = a.chain
      JOIN certificate_own o ON o.certificate = c.leaf) newer USING (endpoint, names_key)
JOIN endpoint_judged j ON j.certificate = older.leaf
WHERE newer.leaf <> older.leaf
EXCEPT SELECT endpoint FROM scope_endpoint;
ANALYZE scope_endpoint;

-- Endpoints that serve a certificate with the serial number of one that is new: its record may have become ambiguous.
INSERT INTO scope_endpoint
SELECT DISTINCT j.endpoint
FROM (SELECT c.leaf AS certificate FROM scope_endpoint x JOIN answer_span a USING (endpoint) JOIN chain c ON c.id = a.chain
      UNION SELECT certificate FROM scope_certificate) x
LEFT JOIN certificate_now was ON was.certificate = x.certificate AND was.is_leaf
JOIN certificate_own o ON o.certificate = x.certificate
JOIN certificate_now n ON n.serial_key = text_key(o.serial_number)
JOIN endpoint_judged j ON j.certificate = n.certificate
WHERE was.certificate IS NULL AND EXISTS (SELECT FROM managed_record r WHERE r.serial_key = text_key(o.serial_number))
EXCEPT SELECT endpoint FROM scope_endpoint;
ANALYZE scope_endpoint;

-- Endpoints of other sites at the place of a record that names no site: with another one there, nobody knows which it means.
INSERT INTO scope_endpoint
SELECT o.id FROM scope_endpoint x JOIN endpoint e ON e.id = x.endpoint
JOIN managed_location l ON l.address = e.address AND l.site IS NULL
JOIN site s ON s.id <> e.site
JOIN endpoint o ON o.site = s.id AND o.address = e.address
UNION SELECT o.id FROM scope_endpoint x JOIN endpoint e ON e.id = x.endpoint AND e.server_name <> ''
JOIN managed_location l ON text_key(l.name) = text_key(e.server_name) AND l.address IS NULL AND l.site IS NULL
JOIN endpoint o ON text_key(o.server_name) = text_key(e.server_name) AND o.server_name <> '' AND o.site <> e.site
EXCEPT SELECT endpoint FROM scope_endpoint;
ANALYZE scope_endpoint;

-- Endpoints that are judged together: all names at one address and port, all addresses of one name.
INSERT INTO scope_endpoint
SELECT o.id FROM scope_endpoint x JOIN endpoint e ON e.id = x.endpoint
JOIN endpoint o ON o.site = e.site AND o.address = e.address AND o.port = e.port
UNION SELECT o.id FROM scope_endpoint x JOIN endpoint e ON e.id = x.endpoint AND e.server_name <> ''
JOIN endpoint o ON text_key(o.server_name) = text_key(e.server_name) AND o.server_name <> '' AND o.site = e.site
               AND o.port = e.port
EXCEPT SELECT endpoint FROM scope_endpoint;
ANALYZE scope_endpoint;

-- Certificates that these endpoints serve or served, CA certificates too.
INSERT INTO scope_certificate
SELECT e.certificate FROM scope_endpoint x JOIN endpoint_judged e USING (endpoint)
UNION SELECT cc.certificate FROM (SELECT DISTINCT s.chain FROM scope_endpoint x JOIN serving s USING (endpoint)) s
      JOIN chain_certificate cc USING (chain)
EXCEPT SELECT certificate FROM scope_certificate;
ANALYZE scope_certificate;

-- Certificates with the same key, with the same names or with the same serial number are judged together (of short serial numbers,
-- which appliances share by the thousand, those alone that a record has).
INSERT INTO scope_certificate
SELECT n.certificate FROM scope_certificate x JOIN certificate_own f USING (certificate)
JOIN certificate_now n ON n.spki_key = bytes_key(f.spki_sha256)
UNION SELECT n.certificate FROM scope_certificate x JOIN certificate_own f USING (certificate)
      JOIN certificate_now n ON n.names_key = names_key(f.name_set)
UNION SELECT n.certificate FROM scope_certificate x JOIN certificate_own f USING (certificate)
      JOIN certificate_now n ON n.serial_key = text_key(f.serial_number)
      WHERE length(f.serial_number) >= 15 OR EXISTS (SELECT FROM managed_record r WHERE r.serial_key = text_key(f.serial_number))
EXCEPT SELECT certificate FROM scope_certificate;
ANALYZE scope_certificate;

-- Records of these certificates or places.
INSERT INTO scope_record
SELECT r.id FROM scope_certificate x JOIN certificate c ON c.id = x.certificate JOIN managed_record r ON r.sha256 = c.sha256
UNION SELECT r.id FROM scope_certificate x JOIN certificate_facts f USING (certificate)
      JOIN managed_record r ON r.serial_key = text_key(f.serial_number)
UNION SELECT r.id FROM scope_certificate x JOIN certificate_facts f USING (certificate)
      JOIN managed_record r ON r.spki_key = bytes_key(f.spki_sha256)
UNION SELECT r.id FROM scope_certificate x JOIN certificate_facts f USING (certificate)
      JOIN managed_record r ON r.names_key = names_key(f.name_set)
UNION SELECT r.id FROM scope_certificate x JOIN certificate_own o USING (certificate) JOIN managed_record r ON r.sha1 = o.sha1
UNION SELECT r.id FROM scope_certificate x JOIN certificate_own o USING (certificate)
      JOIN managed_record r ON text_key(r.common_name) = text_key(lower(o.common_names[1])) AND r.common_name IS NOT NULL
UNION SELECT m.record FROM scope_certificate x JOIN match_now m USING (certificate)
UNION SELECT l.record FROM scope_endpoint x JOIN endpoint e ON e.id = x.endpoint JOIN managed_location l ON l.address = e.address
UNION SELECT l.record FROM scope_endpoint x JOIN endpoint e ON e.id = x.endpoint AND e.server_name <> ''
      JOIN managed_location l ON text_key(l.name) = text_key(e.server_name) AND l.address IS NULL
UNION SELECT r.record FROM scope_endpoint x JOIN record_judged r ON r.endpoint = x.endpoint
EXCEPT SELECT record FROM scope_record;
ANALYZE scope_record;
