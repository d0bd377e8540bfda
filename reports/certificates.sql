-- What is known of each certificate that is served or recorded? $1 filter ("ours": managed, or from an own CA; "served", "record",
-- "issuer-class", "status"), $2 rows or NULL, $3 and $4 column to sort by, up and down, $5 certificates that can be wanted or NULL. By
-- their end.
WITH page AS MATERIALIZED (
    SELECT x.*, row_number() OVER (ORDER BY x.ends_at, x.sha256) AS ordinal FROM (
    SELECT n.certificate, n.sha256, n.name, n.time, n.not_before, n.not_after, n.record, n.record_step, n.issuer_name, n.issuer, n.predicate, n.rules,
           n.place_count, n.first_seen, n.owner_basis, n.severity_rank, n.record_id, n.ends_at, kept_places(n.places, $1::jsonb) AS places
    FROM certificates_wanted($1::jsonb, $5::bigint[]) n
    WHERE n.is_leaf AND (NOT $1::jsonb ? 'ours' OR n.record IN ('managed', 'accepted') OR n.issuer = 'own')
      AND (NOT $1::jsonb ? 'served' OR n.place_count > 0)
      AND ($1::jsonb->>'record' IS NULL OR n.record = $1::jsonb->>'record')
      AND ($1::jsonb->>'issuer-class' IS NULL OR n.issuer = $1::jsonb->>'issuer-class')
      AND ($1::jsonb->>'status' IS NULL OR n.time = $1::jsonb->>'status')
      AND (NOT $1::jsonb ? 'after' OR (n.ends_at, n.sha256) > (($1::jsonb->'after'->>0)::timestamptz, decode($1::jsonb->'after'->>1, 'hex')))
    ORDER BY n.ends_at, n.sha256
    LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END
    ) x
)
SELECT * FROM (
SELECT n.time AS status, n.not_after, days_between(r.as_of, n.not_after) AS days_left, n.name, coalesce(n.places, placed.places) AS places,
    n.record, substr(n.record_step, 3) AS record_step,
       n.issuer_name AS issuer, n.issuer AS issuer_class, o.owner, o.contacts, o.environment,
       sev.name AS severity, array_to_string(n.rules, E'\n') AS findings, f.subject,
       CASE WHEN f.subject_attributes[1] LIKE 'O=%' THEN substr(f.subject_attributes[1], 3)     -- a sub-SELECT costs as much as reading the row
            WHEN f.subject_attributes[2] LIKE 'O=%' THEN substr(f.subject_attributes[2], 3)
            WHEN cardinality(f.subject_attributes) > 2
            THEN (SELECT substr(a, 3) FROM unnest(f.subject_attributes) a WHERE a LIKE 'O=%' LIMIT 1) END AS issued_to,
       p.organisation AS issued_by, coalesce(n.predicate, p.organisation) AS brand,
       array_to_string(f.name_set, E'\n') AS names, f.serial_number,
       coalesce(p.key, '') AS key,
       p.signature_algorithm AS signature, n.not_before, p.validation, p.kinds, m.name AS source,
       n.place_count, n.first_seen, seen.last_seen, encode(n.sha256, 'hex') AS sha256, encode(f.sha1, 'hex') AS sha1,
       encode(f.spki_sha256, 'hex') AS spki_sha256, step.what AS next_step, step.act_by, n.ordinal,
       CASE WHEN n.ordinal = $2::bigint - 1 THEN jsonb_build_array(n.ends_at, encode(n.sha256, 'hex')) END AS page_end
FROM page n
CROSS JOIN report_as_of r
LEFT JOIN certificate_own f USING (certificate)
-- CASE keeps the planner from writing the text anew for each certificate: many share a profile or an owner
LEFT JOIN (SELECT p.id, p.signature_algorithm, p.validation, concat_ws(' ', upper(p.key_algorithm), coalesce(p.key_curve, p.key_bits::text)) AS key,
                  CASE WHEN p.kinds IS NOT NULL THEN array_to_string(p.kinds, E'\n') END AS kinds,
                  (SELECT substr(a, 3) FROM unnest(p.issuer_attributes) a WHERE a LIKE 'O=%' LIMIT 1) AS organisation
           FROM profile p) p ON p.id = f.profile
LEFT JOIN certificate_places(ARRAY(SELECT certificate FROM page WHERE places IS NULL), $1::jsonb) placed USING (certificate)
LEFT JOIN certificates_last_seen(ARRAY(SELECT certificate FROM page)) seen USING (certificate)
LEFT JOIN next_steps(ARRAY(SELECT certificate FROM page)) step USING (certificate)
LEFT JOIN (SELECT o.id, o.owner, o.environment, CASE WHEN o.contacts IS NOT NULL THEN array_to_string(o.contacts, E'\n') END AS contacts
           FROM owner_basis o) o ON o.id = n.owner_basis
LEFT JOIN severity sev ON sev.rank = n.severity_rank
LEFT JOIN managed_record mr ON mr.id = n.record_id
LEFT JOIN managed_source m ON m.id = mr.source
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, ordinal LIMIT $2::bigint
