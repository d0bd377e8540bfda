-- Which certificates come from a public CA that is neither the organisation's own nor approved? $1 filter, $2 rows or NULL, $3 and $4
-- column to sort by, up and down, $5 certificates that can be wanted or NULL. Unmanaged ones first, then by their end.
WITH page AS MATERIALIZED (
    SELECT x.*, row_number() OVER (ORDER BY x.record DESC, x.ends_at, x.sha256) AS ordinal FROM (
    (SELECT n.certificate, n.sha256, n.name, n.record, n.time, n.not_after, n.owner_basis, n.ends_at, kept_places(n.places, $1::jsonb) AS places
     FROM certificates_wanted($1::jsonb, $5::bigint[]) n
     WHERE n.issuer = 'foreign' AND n.is_leaf
       AND (NOT $1::jsonb ? 'after'
            OR (n.record = $1::jsonb->'after'->>0 AND (n.ends_at, n.sha256) > (($1::jsonb->'after'->>1)::timestamptz, decode($1::jsonb->'after'->>2, 'hex'))))
     ORDER BY n.record DESC, n.ends_at, n.sha256
     LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END)
    UNION ALL                           -- a page that begins among some records goes on with the next ones: two ranges of the index
    (SELECT n.certificate, n.sha256, n.name, n.record, n.time, n.not_after, n.owner_basis, n.ends_at, kept_places(n.places, $1::jsonb) AS places
     FROM certificates_wanted($1::jsonb, $5::bigint[]) n
     WHERE n.issuer = 'foreign' AND n.is_leaf AND $1::jsonb ? 'after' AND n.record < $1::jsonb->'after'->>0
     ORDER BY n.record DESC, n.ends_at, n.sha256
     LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END)
    ORDER BY record DESC, ends_at, sha256
    LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END
    ) x
), path AS MATERIALIZED (             -- the best path of each authority to a public root
    SELECT DISTINCT ON (p.authority) p.authority, p.not_after, encode(c.sha256, 'hex') AS root
    FROM ca_path p JOIN trust_store s ON s.id = p.store JOIN certificate c ON c.id = p.root
    WHERE p.fault IS NULL AND s.kind = 'public'
    ORDER BY p.authority, p.is_weak, p.not_after DESC NULLS FIRST
)
SELECT * FROM (
SELECT p.brand, p.issuer, n.name, coalesce(n.places, placed.places) AS places, n.record, o.owner, array_to_string(o.contacts, E'\n') AS contacts, n.time AS status,
       n.not_after, days_between(r.as_of, n.not_after) AS days_left,
       'issuer ' || p.issuer || '; store public'
       || coalesce('; path not after ' || moment_text(least(path.not_after, n.not_after)), '')
       || coalesce('; root sha256 ' || path.root, '') AS because, step.next_step, step.act_by,
       encode(n.sha256, 'hex') AS sha256, n.ordinal,
       CASE WHEN n.ordinal = $2::bigint - 1 THEN jsonb_build_array(n.record, n.ends_at, encode(n.sha256, 'hex')) END AS page_end
FROM page n
JOIN certificate_own f USING (certificate)
LEFT JOIN (SELECT id, issuer, (SELECT substr(a, 3) FROM unnest(issuer_attributes) a WHERE a LIKE 'O=%' LIMIT 1) AS brand FROM profile) p
       ON p.id = f.profile
CROSS JOIN report_as_of r
LEFT JOIN certificate_places(ARRAY(SELECT certificate FROM page WHERE places IS NULL), $1::jsonb) placed USING (certificate)
LEFT JOIN edge ON edge.child = n.certificate
LEFT JOIN path ON path.authority = edge.authority
LEFT JOIN owner_basis o ON o.id = n.owner_basis
LEFT JOIN next_steps(ARRAY(SELECT certificate FROM page)) step USING (certificate)
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, ordinal LIMIT $2::bigint
