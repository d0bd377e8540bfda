-- Replaces the source's records by those of managed_new, and counts what that changed. A record whose fields differ
-- (another owner, another place) ends and a new one begins, so that the history is kept.
-- $1 source, $2 time of the import, $3 the site of its places or NULL, $4 true: records that it does not hold stay
-- Columns: read, doubles (contained more than once in this import), unchanged, changed, added, ended, before (records in force before it).
WITH fresh AS (
    SELECT DISTINCT ON (key) n.*, s.id AS site_id
    FROM managed_new n LEFT JOIN site s ON s.name = coalesce(n.site, $3)
    ORDER BY key, ordinal
), old AS (
    SELECT * FROM managed_record WHERE source = $1::bigint AND valid_to IS NULL
), compared AS (
    SELECT f.key AS new_key, o.id AS old_id,
           (f.sha1, f.serial_number, f.subject, f.common_name, f.issuer, f.name_set, f.not_before, f.not_after, f.location,
            f.site_id, f.path, f.owner, f.contacts, f.environment, f.status, f.status_told, f.revoked_at, f.revocation_reason, f.order_number,
            f.request_number, f.replaces, f.replaced_by, f.type, f.product, f.validation, f.term, f.requester, f.department, f.application,
            f.cost_center, f.servers, f.installer, f.delivered_at, f.auto_renewal, f.key_algorithm, f.key_bits)
           IS NOT DISTINCT FROM
           (o.sha1, o.serial_number, o.subject, o.common_name, o.issuer, o.name_set, o.not_before, o.not_after, o.location,
            o.site, o.path, o.owner, o.contacts, o.environment, o.status, o.status_told, o.revoked_at, o.revocation_reason, o.order_number,
            o.request_number, o.replaces, o.replaced_by, o.type, o.product, o.validation, o.term, o.requester, o.department, o.application,
            o.cost_center, o.servers, o.installer, o.delivered_at, o.auto_renewal, o.key_algorithm, o.key_bits) AS same
    FROM fresh f FULL JOIN old o ON o.key = f.key
), closed AS (
    UPDATE managed_record r SET valid_to = $2::timestamptz
    FROM compared c
    WHERE r.id = c.old_id AND ((c.new_key IS NULL AND NOT $4::boolean) OR NOT c.same AND c.new_key IS NOT NULL)
    RETURNING r.id
), opened AS (
    INSERT INTO managed_record (source, key, valid_from, sha256, sha1, spki_sha256, serial_number, subject, subject_folded, common_name,
                                issuer, issuer_folded, name_set, not_before, not_after, location, site, path, owner, contacts,
                                environment, status, status_told, revoked_at, revocation_reason, order_number, request_number, replaces,
                                replaced_by, type, product, validation, term, requester, department, application, cost_center, servers,
                                installer, delivered_at, auto_renewal, key_algorithm, key_bits, file, line)
    SELECT $1::bigint, f.key, $2::timestamptz, f.sha256, f.sha1, f.spki_sha256, f.serial_number, f.subject, f.subject_folded,
           f.common_name, f.issuer, f.issuer_folded, f.name_set, f.not_before, f.not_after, f.location, f.site_id, f.path, f.owner, f.contacts,
           f.environment, f.status, f.status_told, f.revoked_at, f.revocation_reason, f.order_number, f.request_number, f.replaces,
           f.replaced_by, f.type, f.product, f.validation, f.term, f.requester, f.department, f.application, f.cost_center, f.servers,
           f.installer, f.delivered_at, f.auto_renewal, f.key_algorithm, f.key_bits, f.file, f.line
    FROM fresh f JOIN compared c ON c.new_key = f.key
    WHERE (c.old_id IS NULL OR NOT c.same)
      AND (SELECT count(*) FROM closed) >= 0        -- close old records before opening new ones
    ORDER BY f.ordinal                              -- so numbers of records follow the file
    RETURNING id, key
), located AS (
    INSERT INTO managed_location (record, site, address, name, port, path)
    SELECT o.id, f.site_id, l.address, l.name, l.port, f.path
    FROM opened o JOIN fresh f ON f.key = o.key JOIN managed_new_location l ON l.ordinal = f.ordinal
)
SELECT (SELECT count(*) FROM managed_new) AS read,
       (SELECT count(*) FROM managed_new) - (SELECT count(*) FROM fresh) AS doubles,
       count(*) FILTER (WHERE old_id IS NOT NULL AND new_key IS NOT NULL AND same) AS unchanged,
       count(*) FILTER (WHERE old_id IS NOT NULL AND new_key IS NOT NULL AND NOT same) AS changed,
       count(*) FILTER (WHERE old_id IS NULL) AS added,
       count(*) FILTER (WHERE new_key IS NULL AND NOT $4::boolean) AS ended,
       count(*) FILTER (WHERE old_id IS NOT NULL) AS before,
       (SELECT count(*) FROM opened) AS opened
FROM compared
