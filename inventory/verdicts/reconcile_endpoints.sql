-- Axis deployment, for leaves that are served at an endpoint now. If the record names no place, we cannot tell whether this is
-- the right one: not located.
CREATE TEMP TABLE place_here AS         -- a record of this very certificate names this place
SELECT m.certificate, p.endpoint, min(m.record) AS record
FROM record_match m JOIN record_place p USING (record) WHERE m.step <= 3 GROUP BY m.certificate, p.endpoint;
CREATE TEMP TABLE place_expected AS     -- some record names this place
SELECT endpoint, min(record) AS record FROM record_place WHERE NOT is_ambiguous GROUP BY endpoint;

-- Records that take another's place: they name its order or serial number as replaced, it names theirs, or a renewal keeps the order
-- number.
CREATE TEMP TABLE newer_told AS         -- by the account's own word. is_later: it does not begin before that
SELECT l.record, l.newer, l.not_before, (l.not_before < l.older_from) IS NOT TRUE AS is_later
FROM judging j, (
    SELECT o.id AS record, n.id AS newer, n.not_before, o.not_before AS older_from, n.status, n.valid_from, n.valid_to
    FROM record_open o JOIN managed_record n ON text_key(n.replaces) = text_key(o.order_number) AND n.source = o.source AND n.id <> o.id
    WHERE n.replaces IS NOT NULL
    UNION ALL
    SELECT o.id, n.id, n.not_before, o.not_before, n.status, n.valid_from, n.valid_to
    FROM record_open o JOIN managed_record n ON text_key(n.replaces) = o.serial_key AND n.source = o.source AND n.id <> o.id
    WHERE n.replaces IS NOT NULL
    UNION ALL
    SELECT o.id, n.id, n.not_before, o.not_before, n.status, n.valid_from, n.valid_to
    FROM record_open o JOIN managed_record n ON text_key(n.order_number) = text_key(o.replaced_by) AND n.source = o.source AND n.id <> o.id
    WHERE o.replaced_by IS NOT NULL AND n.order_number IS NOT NULL
    UNION ALL
    SELECT o.id, n.id, n.not_before, o.not_before, n.status, n.valid_from, n.valid_to
    FROM record_open o JOIN managed_record n ON n.serial_key = text_key(o.replaced_by) AND n.source = o.source AND n.id <> o.id
    WHERE o.replaced_by IS NOT NULL) l
WHERE takes_place(l.status, l.valid_from, l.valid_to, j.as_of);
ANALYZE newer_told;
CREATE TEMP TABLE newer_wide AS
SELECT DISTINCT ON (l.certificate) l.certificate, l.newer AS record, l.not_before
FROM judging j, (
    SELECT m.certificate, t.newer, t.not_before FROM record_match m JOIN newer_told t USING (record) WHERE m.step <= 4
    UNION ALL
    SELECT m.certificate, n.id, n.not_before
    FROM judging j, record_match m JOIN record_open o ON o.id = m.record AND m.step <= 4 AND o.order_number IS NOT NULL
    JOIN managed_record n ON text_key(n.order_number) = text_key(o.order_number) AND n.names_key = o.names_key AND n.source = o.source
    WHERE n.order_number IS NOT NULL AND n.not_before > o.not_before AND takes_place(n.status, n.valid_from, n.valid_to, j.as_of)) l
WHERE coalesce(l.not_before <= j.as_of, true)
ORDER BY l.certificate, l.not_before DESC NULLS LAST, l.newer;
-- A later record of the same names that names this place. One for another kind of key is a twin.
CREATE TEMP TABLE newer_here AS
SELECT DISTINCT ON (d.endpoint, d.certificate) d.endpoint, d.certificate, r.id AS record, r.not_before
FROM judging j, record_place p
JOIN record_open r ON r.id = p.record AND r.names_key IS NOT NULL AND r.is_held
JOIN at_place d ON d.endpoint = p.endpoint
JOIN record_best b ON b.certificate = d.certificate AND b.is_matched
JOIN known k ON k.certificate = d.certificate AND k.names_key = r.names_key
JOIN profile kp ON kp.id = k.profile
LEFT JOIN certificate_facts f ON f.certificate = r.certificate
LEFT JOIN managed_record m ON m.id = r.id
WHERE NOT p.is_ambiguous AND r.not_before > k.not_before AND r.not_before <= j.as_of AND r.certificate IS DISTINCT FROM d.certificate
  AND b.record <> r.id AND coalesce(key_family(coalesce(f.key_algorithm, m.key_algorithm)) = key_family(kp.key_algorithm), true)
ORDER BY d.endpoint, d.certificate, r.not_before DESC, r.id;
ANALYZE place_here; ANALYZE place_expected; ANALYZE newer_wide; ANALYZE newer_here;

-- The facts of each certificate that are the same at all its places.
CREATE TEMP TABLE leaf_side AS
SELECT k.certificate, m.record, coalesce(r.is_located, false) AS is_located, w.record AS newer_record, w.not_before AS newer_from,
       s.newer AS newer_certificate, a.certificate IS NOT NULL AS is_revoked, o.line AS owner_line, mo.basis AS record_basis
FROM known k
LEFT JOIN (SELECT certificate FROM axes WHERE is_revoked) a ON a.certificate = k.certificate
LEFT JOIN record_best m ON m.certificate = k.certificate AND m.is_matched
LEFT JOIN successor s ON s.certificate = k.certificate
LEFT JOIN record_open r ON r.id = m.record
LEFT JOIN newer_wide w ON w.certificate = k.certificate
LEFT JOIN owner_certificate o ON o.certificate = k.certificate
LEFT JOIN owner_record mo ON mo.certificate = k.certificate
WHERE k.has_axes;
ANALYZE leaf_side;

CREATE TEMP TABLE place_stale AS        -- places that only captures and imports have shown
SELECT endpoint, certificate, max(stale_at) AS stale_at FROM place
WHERE EXISTS (SELECT FROM unscanned)
GROUP BY endpoint, certificate HAVING bool_and(stale_at IS NOT NULL);
ANALYZE place_stale;

CREATE TEMP TABLE new_endpoint AS
SELECT d.endpoint, d.certificate, d.site,
       CASE WHEN l.is_revoked THEN 'revoked but served'
            WHEN coalesce(d.there_record, l.newer_record, l.newer_certificate) IS NOT NULL THEN 'superseded but served'
            WHEN NOT j.has_managed THEN 'not judged'
            WHEN d.here_record IS NOT NULL THEN 'as recorded'
            WHEN l.record IS NULL THEN 'unknown here'
            WHEN l.is_located OR d.expected_record IS NOT NULL THEN 'other known'
            ELSE 'not located' END COLLATE "C" AS deployment,
       coalesce(d.here_record, l.record) AS record_id,
       CASE WHEN d.there_from >= coalesce(l.newer_from, '-infinity') THEN d.there_record
            ELSE coalesce(l.newer_record, d.there_record) END AS newer_record,
       CASE WHEN d.here_record IS NULL THEN d.expected_record END AS expected_record,
       coalesce(CASE WHEN NOT o.is_after_record THEN o.basis END, l.record_basis, o.basis) AS owner_basis, d.stale_at
FROM judging j CROSS JOIN (             -- what few places have goes first: each join hands on all columns of those before it
    SELECT d.*, here.record AS here_record, expected.record AS expected_record, there.record AS there_record, there.not_before AS there_from,
           stale.stale_at
    FROM owner_by_place d
    LEFT JOIN place_here here ON here.certificate = d.certificate AND here.endpoint = d.endpoint
    LEFT JOIN place_expected expected ON expected.endpoint = d.endpoint
    LEFT JOIN newer_here there ON there.endpoint = d.endpoint AND there.certificate = d.certificate
    LEFT JOIN place_stale stale ON stale.endpoint = d.endpoint AND stale.certificate = d.certificate
    OFFSET 0) d
JOIN leaf_side l ON l.certificate = d.certificate
LEFT JOIN owner_rule_now o ON o.line = least(l.owner_line, d.line);
ANALYZE new_endpoint;

-- What was judged before, compared with what is now: only what differs. at: the new row, by which a join is estimated rightly (one by
-- endpoint and certificate is not), NULL if there is none; endpoint: NULL if it is new.
CREATE TEMP TABLE compared_endpoint AS
SELECT o.endpoint, o.certificate, n.ctid AS at, n.deployment IS DISTINCT FROM o.deployment AS is_other
FROM judged_at_endpoint o FULL JOIN new_endpoint n ON n.endpoint = o.endpoint AND n.certificate = o.certificate
WHERE n.endpoint IS NULL OR o.endpoint IS NULL OR n.deployment <> o.deployment OR n.record_id IS DISTINCT FROM o.record_id
   OR n.newer_record IS DISTINCT FROM o.newer_record OR n.expected_record IS DISTINCT FROM o.expected_record
   OR n.owner_basis IS DISTINCT FROM o.owner_basis OR n.site <> o.site OR (n.stale_at IS NULL) <> (o.stale_at IS NULL)
   OR n.stale_at < o.stale_at OR o.stale_at <= (SELECT as_of FROM judging);   -- a later day is found when the earlier one has come
ANALYZE compared_endpoint;

INSERT INTO verdict_past (axis, rule, certificate, endpoint, value, evidence, since, until)
SELECT 'deployment', 'D-served', o.certificate, o.endpoint, o.deployment,
       deployment_evidence(o.deployment, o.record_id, o.newer_record, o.expected_record), o.deployment_since,
       greatest(j.as_of, o.deployment_since)
FROM judging j, compared_endpoint c JOIN endpoint_judged o USING (endpoint, certificate)
WHERE c.is_other AND c.endpoint IS NOT NULL;

DELETE FROM endpoint_judged o USING compared_endpoint c
WHERE c.at IS NULL AND o.endpoint = c.endpoint AND o.certificate = c.certificate;

UPDATE endpoint_judged o
SET site = n.site, deployment = n.deployment, record_id = n.record_id, newer_record = n.newer_record,
    expected_record = n.expected_record, owner_basis = n.owner_basis, stale_at = n.stale_at,
    deployment_since = CASE WHEN c.is_other THEN j.as_of ELSE o.deployment_since END
FROM judging j, compared_endpoint c JOIN new_endpoint n ON n.ctid = c.at
WHERE o.endpoint = c.endpoint AND o.certificate = c.certificate;

-- (In a first run all are new, and none is looked up.)
INSERT INTO endpoint_judged (endpoint, certificate, site, deployment, record_id, newer_record, expected_record,
                             deployment_since, owner_basis, stale_at)
SELECT n.endpoint, n.certificate, n.site, n.deployment, n.record_id, n.newer_record, n.expected_record, (SELECT as_of FROM judging), n.owner_basis,
       n.stale_at
FROM new_endpoint n
WHERE EXISTS (SELECT FROM compared_endpoint WHERE endpoint IS NULL)
  AND ((SELECT count(*) FROM compared_endpoint WHERE endpoint IS NULL) = (SELECT count(*) FROM new_endpoint)
       OR n.ctid IN (SELECT at FROM compared_endpoint WHERE endpoint IS NULL))
ORDER BY n.endpoint, n.certificate;             -- a sorted index is written page by page
INSERT INTO written SELECT 'endpoint_judged', count(*) FROM compared_endpoint;

CREATE TEMP TABLE changed_unconfirmed AS
SELECT coalesce(n.endpoint, o.endpoint) AS endpoint, coalesce(n.certificate, o.certificate) AS certificate, n.site, n.last_seen, n.stale_at
FROM unconfirmed n
FULL JOIN (SELECT o.* FROM scope_endpoint x JOIN endpoint_unconfirmed o USING (endpoint)) o ON o.endpoint = n.endpoint AND o.certificate = n.certificate
WHERE (n.site, n.last_seen, n.stale_at) IS DISTINCT FROM (o.site, o.last_seen, o.stale_at);
DELETE FROM endpoint_unconfirmed o USING changed_unconfirmed c WHERE o.endpoint = c.endpoint AND o.certificate = c.certificate;
INSERT INTO endpoint_unconfirmed (endpoint, certificate, site, last_seen, stale_at)
SELECT endpoint, certificate, site, last_seen, stale_at FROM changed_unconfirmed WHERE last_seen IS NOT NULL;
INSERT INTO written SELECT 'endpoint_unconfirmed', count(*) FROM changed_unconfirmed;
