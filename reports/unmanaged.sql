-- Which unmanaged certificates are served here, or lie in files? $1 filter ("served": not those of files alone), $2 rows or NULL, $3 and $4 column to
-- sort by, up and down, $5 certificates that can be wanted or NULL. Worst finding first, then by their end.
WITH page AS MATERIALIZED (
    SELECT x.*, row_number() OVER (ORDER BY x.severity_rank, x.ends_at, x.sha256) AS ordinal FROM (
    SELECT n.certificate, n.sha256, n.name, n.issuer_name, n.issuer, n.time, n.not_after, n.record_id, n.record_step, n.decision, n.first_seen,
           n.owner_basis, n.severity_rank, n.ends_at, kept_places(n.places, $1::jsonb) AS places
    FROM certificates_wanted($1::jsonb, $5::bigint[]) n
    WHERE n.record = 'unmanaged'
      AND (n.place_count > 0 OR (NOT $1::jsonb ? 'served' AND EXISTS (SELECT FROM file_certificate_now f WHERE f.certificate = n.certificate AND f.counts)))
      AND (NOT $1::jsonb ? 'after' OR (n.severity_rank, n.ends_at, n.sha256)
                                      > (($1::jsonb->'after'->>0)::smallint, ($1::jsonb->'after'->>1)::timestamptz, decode($1::jsonb->'after'->>2, 'hex')))
    ORDER BY n.severity_rank, n.ends_at, n.sha256
    LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END
    ) x
)
SELECT * FROM (
SELECT sev.name AS severity, n.name, coalesce(n.places, placed.places) AS places, o.owner, array_to_string(o.contacts, E'\n') AS contacts,
       n.issuer_name AS issuer, n.issuer AS issuer_class, n.time AS status, n.not_after,
       days_between(r.as_of, n.not_after) AS days_left,
       CASE WHEN n.record_id IS NULL THEN 'reason no record of any source matches'
            ELSE evidence_text(record_evidence(n.record_step, n.record_id, n.decision)) END AS because,
       step.next_step, step.act_by,
       n.first_seen, seen.last_seen, encode(n.sha256, 'hex') AS sha256, n.ordinal,
       CASE WHEN n.ordinal = $2::bigint - 1 THEN jsonb_build_array(n.severity_rank, n.ends_at, encode(n.sha256, 'hex')) END AS page_end
FROM page n
CROSS JOIN report_as_of r
LEFT JOIN certificate_places(ARRAY(SELECT certificate FROM page WHERE places IS NULL), $1::jsonb) placed USING (certificate)
LEFT JOIN certificates_last_seen(ARRAY(SELECT certificate FROM page)) seen USING (certificate)
LEFT JOIN owner_basis o ON o.id = n.owner_basis
LEFT JOIN severity sev ON sev.rank = n.severity_rank
LEFT JOIN next_steps(ARRAY(SELECT certificate FROM page)) step USING (certificate)
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, ordinal LIMIT $2::bigint
