-- What is known of one certificate, or of those few that the argument names? $1 filter ("argument"; the others narrow which of them, its
-- places and its findings), $2 rows or NULL, $3 and $4 column to sort by, up and down. Rows: which certificate, section, item, value, time;
-- sections in the order in which people ask.
WITH named AS MATERIALIZED (
    SELECT f.certificate FROM certificates_found($1::jsonb->>'argument') f
), hit AS MATERIALIZED (
    SELECT n.certificate FROM named n
    WHERE $1::jsonb - 'argument' = '{}'
       OR n.certificate IN (SELECT certificate FROM certificates_among($1::jsonb - 'argument', ARRAY(SELECT certificate FROM named)))
    ORDER BY n.certificate LIMIT 50
), subject AS MATERIALIZED (
    SELECT h.certificate, c.sha256, coalesce(n.name, f.subject, '(unreadable)') || '  ' || encode(c.sha256, 'hex') AS title
    FROM hit h JOIN certificate c ON c.id = h.certificate
    LEFT JOIN certificate_now n USING (certificate) LEFT JOIN certificate_own f USING (certificate)
), line (certificate, ordinal, section, item, value, at) AS (
    SELECT f.certificate, 100 + v.ordinal, 'certificate', v.item, v.value, v.at
    FROM hit JOIN certificate_facts f USING (certificate) JOIN certificate c ON c.id = f.certificate
    CROSS JOIN report_as_of r
    LEFT JOIN LATERAL (SELECT string_agg(coalesce(l.name || ' (' || l.operator || ')', 'a log not known'), ', ' ORDER BY l.name) AS names
                       FROM unnest(f.sct_logs) s LEFT JOIN ct_log l ON l.log_id = s) logs ON true
    LEFT JOIN LATERAL (SELECT date_part('epoch', f.not_after - f.not_before) + 1 AS seconds,      -- both ends are inside
                              greatest(0, least(100, floor(100 * date_part('epoch', r.as_of - f.not_before)
                                                           / (date_part('epoch', f.not_after - f.not_before) + 1)))) AS used
                       WHERE f.not_after >= f.not_before) life ON true
    CROSS JOIN LATERAL (VALUES
        (1, 'subject', f.subject, NULL::timestamptz), (2, 'issuer', f.issuer, NULL), (3, 'names', array_to_string(f.name_set, ', '), NULL),
        (4, 'serial number', f.serial_number, NULL), (5, 'valid from', NULL, f.not_before), (6, 'valid until', NULL, f.not_after),
        (7, 'days left', days_between(r.as_of, f.not_after)::text, NULL),
        (9, 'key', concat_ws(' ', upper(f.key_algorithm), coalesce(f.key_curve, f.key_bits::text)), NULL),
        (11, 'signature', concat_ws(' ', f.signature_algorithm, f.signature_parameters), NULL),
        (12, 'use', array_to_string(f.kinds, ', '), NULL), (17, 'validation', upper(f.validation), NULL),
        (20, 'revocation lists', nullif(array_to_string(f.crl_urls, ', '), ''), NULL), (21, 'OCSP', nullif(array_to_string(f.ocsp_urls, ', '), ''), NULL),
        (23, 'SCTs', nullif(f.sct_count, 0) || coalesce(': ' || logs.names, ''), NULL), (26, 'not readable', nullif(array_to_string(f.broken, ', '), ''), NULL),
        (27, 'SHA-256', encode(c.sha256, 'hex'), NULL), (28, 'SHA-1', encode(f.sha1, 'hex'), NULL),
        (29, 'SHA-256 of the key', encode(f.spki_sha256, 'hex'), NULL),
        (8, 'life', ceil(life.seconds / 86400) || ' days, ' || life.used || ' percent used', NULL),
        (10, 'strength', f.security_bits || ' bits' || CASE f.quantum_level WHEN 0 THEN ', none against a quantum computer'
                                                       ELSE coalesce(', NIST level ' || f.quantum_level || ' against a quantum computer', '') END, NULL),
        (13, 'key usage', array_to_string(f.key_usage, ', '), NULL), (14, 'extended key usage', array_to_string(f.extended_key_usage, ', '), NULL),
        (15, 'CA', CASE WHEN f.is_ca THEN 'yes' || coalesce(', path length ' || f.path_len, '') END, NULL),
        (16, 'name constraints', array_to_string(f.name_constraints, ', '), NULL), (18, 'policies', nullif(array_to_string(f.policies, ', '), ''), NULL),
        (22, 'CA certificates', nullif(array_to_string(f.ca_issuer_urls, ', '), ''), NULL), (19, 'must-staple', CASE WHEN f.must_staple THEN 'yes' END, NULL),
        (24, 'critical extensions', nullif(array_to_string(f.critical_extensions, ', '), ''), NULL), (25, 'version', f.version::text, NULL),
        (30, 'key id', encode(f.subject_key_id, 'hex'), NULL), (31, 'key id of the issuer', encode(f.authority_key_id, 'hex'), NULL)) v (ordinal, item, value, at)
    UNION ALL
    SELECT n.certificate, 200 + v.ordinal, 'judged', v.item, v.value, v.at
    FROM hit JOIN certificate_now n USING (certificate)
    LEFT JOIN owner_basis o ON o.id = n.owner_basis
    LEFT JOIN LATERAL (SELECT s.next_step_long, s.act_by FROM next_step s WHERE s.certificate = n.certificate LIMIT 1) step ON true
    CROSS JOIN LATERAL (VALUES
        (1, 'record', n.record || coalesce(' (' || evidence_text(record_evidence(n.record_step, n.record_id, n.decision)) || ')', ''), n.record_since),
        (2, 'issuer is', n.issuer || coalesce(' (' || evidence_text(issuer_evidence(n.issuer_step, n.predicate, n.certificate)) || ')', ''), n.issuer_since),
        (3, 'status', n.time, n.time_since), (4, 'owner', coalesce(o.owner, 'nobody'), NULL), (5, 'contacts', nullif(array_to_string(o.contacts, ', '), ''), NULL),
        (6, 'because', o.evidence, NULL), (7, 'first seen', NULL, n.first_seen), (8, 'next step', step.next_step_long, step.act_by)) v (ordinal, item, value, at)
    WHERE n.is_leaf
    UNION ALL
    SELECT f.subject, 300 + f.severity_rank, 'findings', f.rule, f.said, f.since
    FROM subject_findings($1::jsonb, ARRAY(SELECT certificate FROM hit), NULL) f
    UNION ALL
    SELECT p.certificate, 400, 'places', site.name || ' ' || place_text(e.address, e.port, e.server_name),
           concat_ws('; ', p.deployment, s.protocol, tls_version_name(s.tls_version), o.owner), seen.last_seen
    FROM (SELECT j.*, row_number() OVER (PARTITION BY j.certificate ORDER BY j.endpoint) AS place
          FROM hit JOIN endpoint_judged j USING (certificate)
          WHERE NOT $1::jsonb ?| '{site,network,port}'
             OR j.endpoint IN (SELECT w.endpoint FROM endpoints_wanted(
                    (SELECT jsonb_object_agg(key, value) FROM jsonb_each($1::jsonb) WHERE key IN ('site', 'network', 'port')),
                    ARRAY(SELECT s.endpoint FROM hit JOIN endpoint_judged s USING (certificate))) w)) p
    JOIN endpoint e ON e.id = p.endpoint
    JOIN site ON site.id = e.site
    LEFT JOIN endpoint_now s ON s.endpoint = e.id
    LEFT JOIN owner_basis o ON o.id = p.owner_basis
    LEFT JOIN LATERAL endpoints_last_seen(ARRAY[e.id]) seen ON true
    WHERE p.place <= 1000
    UNION ALL
    SELECT u.certificate, 410, 'places', u.place, u.said, u.last_seen FROM certificates_unconfirmed(ARRAY(SELECT certificate FROM hit)) u
    UNION ALL
    SELECT f.certificate, 450, 'files', f.place, f.said, f.last_at FROM certificates_in_files(ARRAY(SELECT certificate FROM hit)) f
    UNION ALL
    SELECT h.certificate, 500, 'sent with it', cc.position::text, coalesce(n.name, f.subject), f.not_after
    FROM hit h
    CROSS JOIN LATERAL (SELECT c.id FROM chain c WHERE c.leaf = h.certificate ORDER BY c.id DESC LIMIT 1) c
    JOIN chain_certificate cc ON cc.chain = c.id AND cc.position > 0
    LEFT JOIN certificate_own f ON f.certificate = cc.certificate
    LEFT JOIN certificate_now n ON n.certificate = cc.certificate
    UNION ALL
    SELECT DISTINCT p.certificate, 510, 'trusted by', p.store_name, p.store_kind || coalesce('; ' || p.fault, ''), p.not_after
    FROM hit CROSS JOIN LATERAL (SELECT * FROM certificate_path p WHERE p.certificate = hit.certificate LIMIT 1000) p
    UNION ALL
    SELECT h.certificate, 520, 'same key', encode(oc.sha256, 'hex'), coalesce(n.name, o.subject), o.not_after
    FROM hit h JOIN certificate_own m ON m.certificate = h.certificate
    JOIN certificate_own o ON o.spki_sha256 = m.spki_sha256 AND o.certificate <> h.certificate
    JOIN certificate oc ON oc.id = o.certificate
    LEFT JOIN certificate_now n ON n.certificate = o.certificate
    UNION ALL
    SELECT v.certificate, 600, 'history', v.axis, v.value || coalesce(' (' || v.rule || ')', '') || ' until ' || to_char(v.until AT TIME ZONE 'UTC', 'YYYY-MM-DD'), v.since
    FROM hit JOIN verdict_past v USING (certificate)
    UNION ALL
    SELECT s.leaf, 610, 'history', 'served',
           place_text(e.address, e.port, e.server_name) || coalesce(' until ' || to_char(s.closed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), ''), s.from_at
    FROM (SELECT c.leaf, s.endpoint, min(s.from_at) AS from_at, CASE WHEN bool_and(s.closed_at IS NOT NULL) THEN max(s.closed_at) END AS closed_at,
                 row_number() OVER (PARTITION BY c.leaf ORDER BY min(s.from_at)) AS place
          FROM hit h JOIN chain c ON c.leaf = h.certificate JOIN answer_span s ON s.chain = c.id GROUP BY c.leaf, s.endpoint) s
    JOIN endpoint e ON e.id = s.endpoint
    WHERE s.place <= 1000
)
SELECT * FROM (
SELECT s.title AS certificate, l.section, l.item, coalesce(l.value, moment_text(l.at)) AS value, l.at AS time,
       CASE WHEN l.section = 'certificate' AND l.item IN ('days left', 'SCTs') THEN l.value::bigint END AS number,
       s.sha256, l.ordinal, l.value AS said
FROM line l JOIN subject s USING (certificate)
WHERE coalesce(l.value, l.at::text) IS NOT NULL
) q ORDER BY to_jsonb(q) -> $3, to_jsonb(q) -> $4 DESC NULLS LAST, sha256, ordinal, time, item, said
LIMIT $2::bigint
