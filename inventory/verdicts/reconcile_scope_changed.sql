-- Puts into the scope: the entries of the list (dirty), what is due, and everything that these affect. Every step looks up a few rows
-- by an index.
ANALYZE judging;
CREATE TEMP VIEW answer_in_scope AS SELECT a.* FROM scope_endpoint x JOIN answer_span a USING (endpoint);
CREATE TEMP VIEW judged_at_endpoint AS SELECT e.* FROM scope_endpoint x JOIN endpoint_judged e USING (endpoint);
CREATE TEMP VIEW own_in_scope AS SELECT o.* FROM scope_certificate x JOIN certificate_own o USING (certificate);
CREATE TEMP VIEW certificate_before AS SELECT n.* FROM scope_certificate x JOIN certificate_now n USING (certificate);
CREATE TEMP VIEW match_before AS SELECT m.* FROM scope_certificate x JOIN match_now m USING (certificate);
-- A finding at a place is in scope if the place is; a finding about a certificate anywhere is in scope if the certificate is.
CREATE TEMP VIEW finding_before AS
SELECT f.* FROM scope_certificate x JOIN finding f ON f.certificate = x.certificate AND f.endpoint = 0
UNION ALL
SELECT f.* FROM scope_endpoint x JOIN finding f ON f.endpoint = x.endpoint AND f.endpoint <> 0;
CREATE TEMP VIEW hit_in_scope AS
SELECT * FROM hit h
WHERE CASE WHEN h.endpoint IS NULL THEN h.certificate IN (SELECT certificate FROM scope_certificate)
           ELSE h.endpoint IN (SELECT endpoint FROM scope_endpoint) END;
CREATE TEMP TABLE changed AS
SELECT kind, id FROM dirty GROUP BY kind, id;
ANALYZE changed;

-- Records: new, ended, or due.
INSERT INTO scope_record
SELECT id FROM changed WHERE kind = 3
UNION SELECT r.record FROM judging j, record_judged r WHERE r.next_change_at <= j.as_of
-- those that a decision about a changed certificate has linked, or had
UNION SELECT r.id FROM changed x JOIN certificate c ON c.id = x.id AND x.kind = 1
      JOIN decision d ON d.sha256 = c.sha256 AND d.kind = 'link' JOIN managed_record r ON r.source = d.source AND r.key = d.record_key
UNION SELECT r.id FROM judging j, certificate_now n
      JOIN decision d ON d.sha256 = n.sha256 AND d.kind = 'link' JOIN managed_record r ON r.source = d.source AND r.key = d.record_key
      WHERE n.next_change_at <= j.as_of;
ANALYZE scope_record;

-- Records whose place these take by their account's word, and those that had it.
INSERT INTO scope_record
SELECT o.id FROM scope_record x JOIN managed_record r ON r.id = x.record AND r.replaces IS NOT NULL
JOIN managed_record o ON text_key(o.order_number) = text_key(r.replaces) AND o.order_number IS NOT NULL
UNION SELECT o.id FROM scope_record x JOIN managed_record r ON r.id = x.record AND r.replaces IS NOT NULL
      JOIN managed_record o ON o.serial_key = text_key(r.replaces)
UNION SELECT o.id FROM scope_record x JOIN managed_record r ON r.id = x.record
      JOIN managed_record o ON text_key(o.replaced_by) IN (text_key(r.order_number), r.serial_key) AND o.replaced_by IS NOT NULL
EXCEPT SELECT record FROM scope_record;
ANALYZE scope_record;

-- Records of the same names: such a one may take their place, or have had it.
INSERT INTO scope_record
SELECT o.id FROM scope_record x JOIN managed_record r ON r.id = x.record JOIN managed_record o ON o.names_key = r.names_key
EXCEPT SELECT record FROM scope_record;
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
-- those that a decision has linked to such a record
UNION SELECT c.id FROM scope_record x JOIN managed_record r ON r.id = x.record
      JOIN decision d ON d.record_key = r.key AND d.source = r.source JOIN certificate c ON c.sha256 = d.sha256
-- a renewal keeps the order number
UNION SELECT m.certificate FROM scope_record x JOIN managed_record r ON r.id = x.record AND r.order_number IS NOT NULL
      JOIN managed_record o ON text_key(o.order_number) = text_key(r.order_number) JOIN match_now m ON m.record = o.id;
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

-- What these show or have shown, and the keys by which those certificates are compared: read once for the next steps.
CREATE TEMP TABLE scope_shown AS
SELECT DISTINCT a.endpoint, a.chain, c.leaf FROM scope_endpoint x JOIN answer_span a USING (endpoint) JOIN chain c ON c.id = a.chain;
ANALYZE scope_shown;
CREATE TEMP TABLE scope_leaf AS
SELECT x.certificate, names_key(o.name_set) AS names_key, text_key(o.serial_number) AS serial_key
FROM (SELECT leaf AS certificate FROM scope_shown UNION SELECT certificate FROM scope_certificate) x JOIN certificate_own o USING (certificate);
ANALYZE scope_leaf;

-- Endpoints that serve a certificate whose place another of the same names took at one of these: it is superseded everywhere.
INSERT INTO scope_endpoint (endpoint, is_added)
SELECT endpoint, true
FROM (SELECT j.endpoint
      FROM (SELECT DISTINCT older.leaf
            FROM scope_shown older JOIN scope_leaf a ON a.certificate = older.leaf
            JOIN scope_shown newer ON newer.endpoint = older.endpoint AND newer.leaf <> older.leaf
            JOIN scope_leaf b ON b.certificate = newer.leaf AND b.names_key = a.names_key) o
      JOIN endpoint_judged j ON j.certificate = o.leaf
      EXCEPT SELECT endpoint FROM scope_endpoint) n;
ANALYZE scope_endpoint;

-- Endpoints that serve a certificate with the serial number of one that is new: its record may have become ambiguous. (A new one is shown by
-- an endpoint on the list.)
INSERT INTO scope_endpoint (endpoint, is_added)
SELECT endpoint, true
FROM (SELECT j.endpoint
      FROM (SELECT DISTINCT x.serial_key
            FROM scope_leaf x LEFT JOIN certificate_now was ON was.certificate = x.certificate AND was.is_leaf
            WHERE was.certificate IS NULL AND EXISTS (SELECT FROM managed_record r WHERE r.serial_key = x.serial_key)) x
      JOIN certificate_now n USING (serial_key)
      JOIN endpoint_judged j ON j.certificate = n.certificate
      EXCEPT SELECT endpoint FROM scope_endpoint) n;
ANALYZE scope_endpoint;

CREATE TEMP TABLE scope_at AS           -- where they are
SELECT e.id AS endpoint, e.site, e.address, e.port, e.server_name FROM scope_endpoint x JOIN endpoint e ON e.id = x.endpoint;
ANALYZE scope_at;

-- Endpoints of other sites at the place of a record that names no site: with another one there, nobody knows which it means.
INSERT INTO scope_at
SELECT o.id, o.site, o.address, o.port, o.server_name
FROM (SELECT o.id FROM scope_at e
      JOIN managed_location l ON l.address = e.address AND l.site IS NULL
      JOIN site s ON s.id <> e.site
      JOIN endpoint o ON o.site = s.id AND o.address = e.address
      WHERE (SELECT count(*) > 1 FROM site)
      UNION SELECT o.id FROM scope_at e
      JOIN managed_location l ON text_key(l.name) = text_key(e.server_name) AND l.address IS NULL AND l.site IS NULL
      JOIN endpoint o ON text_key(o.server_name) = text_key(e.server_name) AND o.server_name <> '' AND o.site <> e.site
      WHERE e.server_name <> '' AND (SELECT count(*) > 1 FROM site)
      EXCEPT SELECT endpoint FROM scope_at) n
JOIN endpoint o ON o.id = n.id;
ANALYZE scope_at;

-- Endpoints that are judged together: all names at one address and port, all addresses of one name.
INSERT INTO scope_at
SELECT o.id, o.site, o.address, o.port, o.server_name
FROM (SELECT o.id FROM scope_at e JOIN endpoint o ON o.site = e.site AND o.address = e.address AND o.port = e.port
      UNION SELECT o.id FROM scope_at e
      JOIN endpoint o ON text_key(o.server_name) = text_key(e.server_name) AND o.server_name <> '' AND o.site = e.site AND o.port = e.port
      WHERE e.server_name <> ''
      EXCEPT SELECT endpoint FROM scope_at) n
JOIN endpoint o ON o.id = n.id;
ANALYZE scope_at;
INSERT INTO scope_endpoint (endpoint, is_added)
SELECT endpoint, true FROM (SELECT endpoint FROM scope_at EXCEPT SELECT endpoint FROM scope_endpoint) n;
ANALYZE scope_endpoint;

-- Certificates that these endpoints serve or served, CA certificates too.
INSERT INTO scope_certificate
SELECT e.certificate FROM scope_endpoint x JOIN endpoint_judged e USING (endpoint)
UNION SELECT cc.certificate
      FROM (SELECT chain FROM scope_shown
            UNION SELECT s.chain FROM scope_endpoint x JOIN answer_span s USING (endpoint) WHERE x.is_added AND s.chain IS NOT NULL) s
      JOIN chain_certificate cc USING (chain)
EXCEPT SELECT certificate FROM scope_certificate;
ANALYZE scope_certificate;

-- Those with the names of a record that is linked to one of them: what is served is no renewal of theirs.
INSERT INTO scope_certificate
SELECT n.certificate FROM scope_certificate x JOIN certificate c ON c.id = x.certificate
JOIN decision d ON d.sha256 = c.sha256 AND d.kind = 'link' JOIN managed_record r ON r.source = d.source AND r.key = d.record_key
JOIN certificate_now n ON n.names_key = r.names_key
EXCEPT SELECT certificate FROM scope_certificate;
ANALYZE scope_certificate;

-- Certificates with the same key, with the same names or with the same serial number are judged together (of short serial numbers,
-- which appliances share by the thousand, those alone that a record has).
CREATE TEMP TABLE scope_own AS          -- the keys of those in scope
SELECT x.certificate, c.sha256, o.sha1, text_key(o.serial_number) AS serial_key, length(o.serial_number) >= 15 AS is_long,
       bytes_key(o.spki_sha256) AS spki_key, names_key(o.name_set) AS names_key, text_key(lower(o.common_names[1])) AS name_key
FROM scope_certificate x JOIN certificate c ON c.id = x.certificate LEFT JOIN certificate_own o ON o.certificate = x.certificate;
ANALYZE scope_own;
CREATE TEMP TABLE scope_related AS
SELECT n.certificate FROM scope_own x JOIN certificate_now n USING (spki_key)
UNION SELECT n.certificate FROM scope_own x JOIN certificate_now n USING (names_key)
UNION SELECT n.certificate FROM scope_own x JOIN certificate_now n USING (serial_key)
      WHERE x.is_long OR EXISTS (SELECT FROM managed_record r WHERE r.serial_key = x.serial_key)
EXCEPT SELECT certificate FROM scope_certificate;
ANALYZE scope_related;
INSERT INTO scope_certificate SELECT certificate FROM scope_related;
INSERT INTO scope_own
SELECT x.certificate, c.sha256, o.sha1, text_key(o.serial_number), length(o.serial_number) >= 15, bytes_key(o.spki_sha256), names_key(o.name_set),
       text_key(lower(o.common_names[1]))
FROM scope_related x JOIN certificate c ON c.id = x.certificate LEFT JOIN certificate_own o ON o.certificate = x.certificate;
ANALYZE scope_certificate; ANALYZE scope_own;

-- Records of these certificates or places.
INSERT INTO scope_record
SELECT r.id FROM scope_own x JOIN managed_record r USING (sha256)
UNION SELECT r.id FROM scope_own x JOIN managed_record r USING (serial_key)
UNION SELECT r.id FROM scope_own x JOIN managed_record r USING (spki_key)
UNION SELECT r.id FROM scope_own x JOIN managed_record r USING (names_key)
UNION SELECT r.id FROM scope_own x JOIN managed_record r USING (sha1)
UNION SELECT r.id FROM scope_own x JOIN managed_record r ON text_key(r.common_name) = x.name_key AND r.common_name IS NOT NULL
UNION SELECT m.record FROM scope_certificate x JOIN match_now m USING (certificate)
UNION SELECT r.id FROM scope_own x JOIN decision d ON d.sha256 = x.sha256 AND d.kind = 'link'
      JOIN managed_record r ON r.source = d.source AND r.key = d.record_key
UNION SELECT l.record FROM scope_at e JOIN managed_location l ON l.address = e.address
UNION SELECT l.record FROM scope_at e JOIN managed_location l ON text_key(l.name) = text_key(e.server_name) AND l.address IS NULL
      WHERE e.server_name <> ''
UNION SELECT r.record FROM scope_endpoint x JOIN record_judged r ON r.endpoint = x.endpoint
EXCEPT SELECT record FROM scope_record;
ANALYZE scope_record;

-- Certificates beside these whose last safe day time has moved into another span since the run before.
CREATE TEMP TABLE due_moved AS
SELECT DISTINCT n.certificate
FROM judging j
CROSS JOIN (VALUES (0), (8), (31), (61), (91)) b (days)
CROSS JOIN LATERAL (SELECT least(j.counted_day, j.today) + b.days AS first_day, greatest(j.counted_day, j.today) + b.days AS last_day) d
CROSS JOIN LATERAL (SELECT least(due_end_on(d.first_day, 'customer'), due_end_on(d.first_day, 'service')) AS first_at,
                           greatest(due_end_on(d.last_day, 'customer'), due_end_on(d.last_day, 'service')) AS last_at) e
JOIN certificate_now n ON n.is_leaf AND n.place_count > 0 AND n.ends_at >= e.first_at AND n.ends_at < e.last_at
WHERE j.today <> j.counted_day AND NOT EXISTS (SELECT FROM scope_certificate x WHERE x.certificate = n.certificate);
ANALYZE due_moved;
CREATE TEMP VIEW due_in_scope AS
SELECT t.certificate, t.owner_basis, t.safe_until
FROM (SELECT certificate FROM scope_certificate UNION ALL SELECT certificate FROM due_moved) x JOIN certificate_now t USING (certificate)
WHERE t.is_leaf AND t.place_count > 0
