-- What lies in files now? $1 filter, $2 rows or NULL, $3 and $4 column to sort by, up and down. By site, host and path. A row for each
-- certificate and each key of a file; of a trust store one for all of its certificates; one for a file that could not be read.
-- A file has no address: a filter by network or port leaves none.
WITH asked AS MATERIALIZED (
    SELECT $1::jsonb ?| '{issuer,name,rule,severity,kind,source,within,due}' AS is_narrow,
           ltrim(lower($1::jsonb->>'host'), '*.') AS host, rtrim($1::jsonb->>'path', '/*') AS path
), wanted AS MATERIALIZED (
    SELECT w.certificate
    FROM asked, certificates_wanted($1::jsonb - '{site,network,port,owner,host,path}'::text[], NULL) w
    WHERE asked.is_narrow
), place AS MATERIALIZED (
    SELECT p.id, p.site, p.host, p.path, p.inside, n.state, n.first_at, n.last_at, s.kind, s.outcome, s.detail, s.mode, s.uid, s.marks, s.certificates
    FROM asked a, file_now n JOIN file_place p ON p.id = n.place JOIN file_state s ON s.id = n.state
    WHERE NOT $1::jsonb ?| '{network,port}'
      AND ($1::jsonb->>'site' IS NULL OR p.site = (SELECT id FROM site WHERE name = $1::jsonb->>'site'))
      AND (a.host IS NULL OR lower(p.host) = a.host OR right(lower(p.host), length(a.host) + 1) = '.' || a.host)
      AND (a.path IS NULL OR p.path = a.path OR left(p.path, length(a.path) + 1) = a.path || '/')
), item (place, ordinal, holds, certificate, spki_sha256, label, at_offset) AS (
    SELECT p.id, c.position, 'certificate', c.certificate, NULL::bytea, c.label, c.at_offset
    FROM place p JOIN file_state_certificate c USING (state) WHERE p.marks & 1 = 0
    UNION ALL
    SELECT p.id, 0, 'trust store of ' || p.certificates, NULL, NULL, NULL, NULL FROM place p WHERE p.marks & 1 <> 0
    UNION ALL
    SELECT p.id, 100000 + k.position,
           CASE k.kind WHEN 1 THEN CASE WHEN k.is_encrypted THEN 'encrypted key' ELSE 'private key' END WHEN 2 THEN 'request' ELSE 'host certificate' END
           || coalesce(' (' || concat_ws(' ', nullif(k.algorithm, ''), nullif(k.bits, 0)) || ')', ''),
           (SELECT o.certificate FROM certificate_own o JOIN certificate_now n USING (certificate) WHERE o.spki_sha256 = k.spki_sha256
            ORDER BY n.place_count DESC, n.ends_at DESC, n.sha256 LIMIT 1),
           k.spki_sha256, NULL, k.at_offset
    FROM place p JOIN file_state_key k USING (state)
    UNION ALL
    SELECT p.id, 200000, o.name, NULL, NULL, NULL, NULL FROM place p JOIN file_outcome o ON o.id = p.outcome WHERE p.outcome <> 1
), page AS MATERIALIZED (
    SELECT x.*, row_number() OVER (ORDER BY x.site_name, x.host, x.path, x.inside, x.ordinal) AS number FROM (
    SELECT i.*, p.site, site.name AS site_name, p.host, p.path, p.inside, p.state, p.first_at, p.last_at, p.kind, p.detail, p.mode, p.uid, p.marks,
           k.place IS NOT NULL AS is_open, b.owner_basis
    FROM asked a, item i
    JOIN place p ON p.id = i.place
    JOIN site ON site.id = p.site
    LEFT JOIN file_judged j ON j.place = i.place AND j.certificate = i.certificate
    LEFT JOIN key_judged k ON k.place = i.place AND k.certificate = i.certificate
    LEFT JOIN certificate_now w ON w.certificate = i.certificate AND i.spki_sha256 IS NOT NULL
    -- a file's own; where it has none, a key is its certificate's owner's
    CROSS JOIN LATERAL (
        SELECT CASE WHEN k.place IS NOT NULL THEN k.owner_basis WHEN j.place IS NOT NULL THEN j.owner_basis ELSE w.owner_basis END AS owner_basis) b
    WHERE (NOT a.is_narrow OR i.certificate IN (SELECT certificate FROM wanted))
      AND ($1::jsonb->>'owner' IS NULL
           OR CASE WHEN $1::jsonb->>'owner' = '' THEN b.owner_basis IS NULL
                   ELSE b.owner_basis IN (SELECT id FROM owner_basis
                                          WHERE lower(owner) = lower($1::jsonb->>'owner') AND NOT is_of_several(evidence)) END)
      AND (NOT $1::jsonb ? 'after' OR (site.name, p.host, p.path, p.inside, i.ordinal)
                                      > ($1::jsonb->'after'->>0, $1::jsonb->'after'->>1, $1::jsonb->'after'->>2, $1::jsonb->'after'->>3, ($1::jsonb->'after'->>4)::integer))
    ORDER BY site.name, p.host, p.path, p.inside, i.ordinal
    LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END
    ) x
), used AS MATERIALIZED (               -- by the configuration of the same host
    SELECT q.path, q.host, q.site, string_agg(DISTINCT u.service, E'\n' ORDER BY u.service) AS services
    FROM (SELECT DISTINCT site, host, path FROM page) q
    JOIN file_state_use u ON text_sha256(u.path) = text_sha256(q.path) AND u.path = q.path
    JOIN file_now n ON n.state = u.state
    JOIN file_place p ON p.id = n.place AND p.site = q.site AND p.host = q.host
    GROUP BY q.path, q.host, q.site
), kept AS MATERIALIZED (               -- in a repository, with its key
    SELECT DISTINCT g.state, g.certificate
    FROM page g JOIN certificate_own o USING (certificate) JOIN file_state_key k ON k.state = g.state AND k.spki_sha256 = o.spki_sha256
    WHERE g.marks & 10 = 8 AND k.kind = 1 AND NOT k.is_encrypted
), hit AS MATERIALIZED (                -- what is found of some files alone is told of these: not of each that holds the certificate or its key
    SELECT c.number, string_agg(f.rule, E'\n' ORDER BY f.severity_rank, f.rule) AS rules
    FROM page c JOIN finding f ON f.certificate = c.certificate AND f.endpoint = 0
    LEFT JOIN kept k ON k.state = c.state AND k.certificate = c.certificate
    WHERE CASE f.rule WHEN 'K21' THEN c.is_open WHEN 'K22' THEN k.state IS NOT NULL WHEN 'F01' THEN c.marks & 16 <> 0
                      WHEN 'F02' THEN false ELSE true END
    GROUP BY c.number
)
SELECT * FROM (
SELECT g.site_name AS site, g.host, g.path, nullif(g.inside, '') AS inside, g.holds,
       coalesce(n.name, left(own.subject, 1000)) AS name, g.label, g.kind AS file_kind,
       nullif(concat_ws(E'\n', CASE WHEN g.marks & 2 <> 0 THEN 'sample' END, CASE WHEN g.marks & 4 <> 0 THEN 'of a package' END,
                        CASE WHEN g.marks & 8 <> 0 THEN 'in a repository' END, CASE WHEN g.marks & 16 <> 0 THEN 'program' END), '') AS marks,
       CASE WHEN g.mode IS NOT NULL THEN lpad(((g.mode >> 9) & 7)::text || ((g.mode >> 6) & 7)::text || ((g.mode >> 3) & 7)::text || (g.mode & 7)::text, 4, '0') END AS mode,
       g.uid, g.at_offset, n.record, own.not_after, used.services AS used_by, o.owner, array_to_string(o.contacts, E'\n') AS contacts,
       hit.rules AS findings, g.detail AS because, g.first_at AS first_seen, g.last_at AS last_seen,
       encode(c.sha256, 'hex') AS sha256, encode(coalesce(g.spki_sha256, own.spki_sha256), 'hex') AS spki_sha256, g.number,
       CASE WHEN g.number = $2::bigint - 1 THEN jsonb_build_array(g.site_name, g.host, g.path, g.inside, g.ordinal) END AS page_end
FROM page g
LEFT JOIN certificate c ON c.id = g.certificate
LEFT JOIN certificate_own own ON own.certificate = g.certificate
LEFT JOIN certificate_now n ON n.certificate = g.certificate
LEFT JOIN used ON used.site = g.site AND used.host = g.host AND used.path = g.path
LEFT JOIN hit USING (number)
LEFT JOIN owner_basis o ON o.id = g.owner_basis
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, number LIMIT $2::bigint
