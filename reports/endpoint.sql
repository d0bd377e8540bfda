-- What is known of one endpoint, or of those few at an address? $1 filter ("argument"; the others narrow which of them, and its findings), $2
-- rows or NULL, $3 and $4 column to sort by, up and down. Rows: which endpoint, section, item, value, time. What was not asked is untested.
-- Big tables are looked up for each hit (LATERAL with a LIMIT, or in a value), since the planner cannot know how few these are.
WITH named AS MATERIALIZED (
    SELECT f.endpoint FROM endpoints_found($1::jsonb->>'argument') f
), hit AS MATERIALIZED (
    SELECT e.* FROM endpoint e
    WHERE e.id = ANY (ARRAY(SELECT endpoint FROM named))
      AND ($1::jsonb - 'argument' = '{}'
       OR e.id IN (SELECT w.endpoint FROM endpoints_wanted($1::jsonb - 'argument', ARRAY(SELECT endpoint FROM named)) w))
    ORDER BY e.id LIMIT 50
), subject AS MATERIALIZED (
    SELECT h.id AS endpoint, h.address, h.port, h.server_name, site.name || ' ' || place_text(h.address, h.port, h.server_name) || ' ' || t.name AS title
    FROM hit h JOIN site ON site.id = h.site JOIN transport t ON t.id = h.transport
), line (endpoint, ordinal, section, item, value, at) AS (
    SELECT s.endpoint, 100 + v.ordinal, 'now', v.item, v.value, v.at
    FROM hit JOIN endpoint_now s ON s.endpoint = hit.id
    LEFT JOIN outcome o ON o.id = s.last_outcome
    LEFT JOIN cipher_suite cs ON cs.id = s.cipher_suite
    LEFT JOIN named_group g ON g.id = s.named_group
    LEFT JOIN endpoints_last_seen(ARRAY(SELECT id FROM hit)) seen ON seen.endpoint = hit.id
    CROSS JOIN LATERAL (VALUES
        (1, 'last answer', o.name, seen.last_seen), (2, 'protocol', s.protocol, NULL), (3, 'version', tls_version_name(s.tls_version), NULL),
        (4, 'cipher suite', cs.name, NULL), (5, 'group', coalesce(g.name, s.named_group::text), NULL), (6, 'ALPN', s.alpn, NULL),
        (9, 'owner', (SELECT string_agg(DISTINCT w.owner, ', ') FROM endpoint_judged j JOIN owner_basis w ON w.id = j.owner_basis WHERE j.endpoint = s.endpoint), NULL),
        (7, 'first certificate', NULL, s.first_certificate_at), (8, 'gone', CASE WHEN s.gone_at IS NOT NULL
                                                                 THEN 'it answers, and shows no certificate any more' END, s.gone_at))
        v (ordinal, item, value, at)
    UNION ALL
    SELECT j.endpoint, 200, 'certificates', n.name, concat_ws('; ', left(encode(n.sha256, 'hex'), 16), n.time, n.record, n.issuer_name, j.deployment, o.owner), n.not_after
    FROM hit JOIN endpoint_judged j ON j.endpoint = hit.id JOIN certificate_now n USING (certificate) LEFT JOIN owner_basis o ON o.id = j.owner_basis
    UNION ALL
    SELECT u.endpoint, 210, 'certificates', u.certificate, u.said, u.last_seen FROM endpoints_unconfirmed(ARRAY(SELECT id FROM hit)) u
    UNION ALL
    SELECT f.subject, 300 + f.severity_rank, 'findings', f.rule, f.said, f.since
    FROM subject_findings($1::jsonb, NULL, ARRAY(SELECT id FROM hit)) f
    UNION ALL
    SELECT p.endpoint, 400, 'accepts', p.item, p.said, p.time FROM endpoints_posture(ARRAY(SELECT id FROM hit)) p
    UNION ALL
    SELECT hit.id, 400, 'accepts', 'beyond what it prefers', 'untested: certsweep scan --depth posture asks', NULL
    FROM hit WHERE NOT EXISTS (SELECT FROM posture p WHERE p.endpoint = hit.id)
    UNION ALL
    SELECT j.endpoint, 500, 'expected here', j.record, j.said, j.since FROM endpoints_expecting(ARRAY(SELECT id FROM hit)) j
    UNION ALL
    SELECT hit.id, 600, 'history', (SELECT v.name FROM variant v WHERE v.id = a.variant), coalesce(held.name, 'no certificate')
           || coalesce(' until ' || to_char(a.closed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), ''), a.from_at
    FROM hit CROSS JOIN LATERAL (SELECT * FROM answer_span a WHERE a.endpoint = hit.id LIMIT 1000) a
    CROSS JOIN LATERAL (SELECT (SELECT coalesce(n.name, left(encode(c.sha256, 'hex'), 16)) FROM chain ch JOIN certificate c ON c.id = ch.leaf
                                LEFT JOIN certificate_now n ON n.certificate = c.id WHERE ch.id = a.chain) AS name) held
    UNION ALL
    SELECT hit.id, 610, 'history', e.kind,
           coalesce((SELECT n.name FROM chain ch JOIN certificate_now n ON n.certificate = ch.leaf WHERE ch.id = e.chain_after), ''), e.time
    FROM hit CROSS JOIN LATERAL (SELECT * FROM event e WHERE e.endpoint = hit.id LIMIT 1000) e
)
SELECT * FROM (
SELECT s.title AS endpoint, l.section, l.item, coalesce(l.value, moment_text(l.at)) AS value, l.at AS time,
       CASE WHEN l.section = 'now' AND l.item = 'group' THEN (SELECT n.named_group FROM endpoint_now n WHERE n.endpoint = l.endpoint) END::bigint AS number,
       s.address, s.port, s.server_name, s.endpoint AS id, l.ordinal, l.value AS said
FROM line l JOIN subject s USING (endpoint)
WHERE coalesce(l.value, l.at::text) IS NOT NULL
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, address, port, server_name, id, ordinal, time, item, said
LIMIT $2::bigint
