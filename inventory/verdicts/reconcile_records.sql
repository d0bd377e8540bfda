-- The records in scope that are in force at that moment, and the places where each belongs. A place without a site
-- is ambiguous if several sites have it: it can show where a certificate is, never that it is missing.
-- certificate: the one with the record's SHA-256. is_held: the source
-- gives no other state than in force; only such a record makes a certificate managed. A certificate that was
-- only requested, or declined, does not exist yet.
CREATE TEMP TABLE record_open AS
SELECT r.id, r.source, r.key, c.id AS certificate, r.sha256, r.sha1, r.spki_sha256, r.serial_number, r.issuer, r.issuer_folded, r.subject_folded, r.common_name,
       r.name_set, r.not_before, r.not_after, coalesce(r.owner, r.department) AS owner, r.serial_key, r.spki_key, r.names_key, r.status, r.revoked_at, r.order_number,
       r.replaces, r.replaced_by, r.delivered_at, r.type, coalesce(r.status, 'issued') IN ('issued', 'replaced') AS is_held,
       EXISTS (SELECT FROM managed_location l WHERE l.record = r.id) AS is_located
FROM judging j, scope_record x JOIN managed_record r ON r.id = x.record
LEFT JOIN certificate c ON c.sha256 = r.sha256
WHERE r.valid_from <= j.as_of AND (r.valid_to IS NULL OR r.valid_to > j.as_of)
  AND coalesce(r.status, 'issued') NOT IN ('requested', 'declined');
CREATE UNIQUE INDEX ON record_open (id);
ANALYZE record_open;

CREATE TEMP TABLE record_place AS
SELECT p.record, p.endpoint, bool_and(p.is_ambiguous) AS is_ambiguous
FROM (
    SELECT l.record, e.id AS endpoint, l.site IS NULL AND min(e.site) OVER w <> max(e.site) OVER w AS is_ambiguous
    FROM (SELECT l.record, l.site, l.address, l.name, l.port, s.id AS at_site
          FROM record_open r JOIN managed_location l ON l.record = r.id AND l.address IS NOT NULL
          JOIN site s ON l.site IS NULL OR s.id = l.site) l
    JOIN endpoint e ON e.site = l.at_site AND e.address = l.address
    WHERE (l.port IS NULL OR l.port = e.port) AND (l.name IS NULL OR l.name = e.server_name)
    WINDOW w AS (PARTITION BY l.record, l.address, l.port, l.name)
    UNION ALL
    SELECT l.record, e.id, l.site IS NULL AND min(e.site) OVER w <> max(e.site) OVER w
    FROM record_open r JOIN managed_location l ON l.record = r.id AND l.address IS NULL AND l.name <> ''
    JOIN endpoint e ON text_key(e.server_name) = text_key(l.name) AND e.server_name <> '' AND e.server_name = l.name
    WHERE (l.port IS NULL OR l.port = e.port) AND (l.site IS NULL OR l.site = e.site)
    WINDOW w AS (PARTITION BY l.record, l.name, l.port)) p
GROUP BY p.record, p.endpoint;
CREATE INDEX ON record_place (endpoint);
ANALYZE record_place;
