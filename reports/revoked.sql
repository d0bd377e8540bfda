-- Which certificates are revoked, and where are they still served? $1 filter, $2 rows or NULL, $3 and $4 column to sort by, up and
-- down, $5 certificates that can be wanted or NULL. Those in use first, then the latest revocation.
WITH listed AS MATERIALIZED (
    SELECT DISTINCT ON (e.child) e.child, k.revoked_at, k.source,
           (ARRAY['unspecified', 'key compromise', 'CA compromise', 'affiliation changed', 'superseded', 'cessation of operation',
                  'hold', NULL, 'removed from CRL', 'privilege withdrawn', 'AA compromise'])[k.reason + 1] AS reason
    FROM revocation k
    JOIN certificate_own o ON o.serial_number = k.serial_number
    JOIN edge e ON e.child = o.certificate AND e.authority = k.authority
    WHERE k.released_at IS NULL
    ORDER BY e.child, k.revoked_at
), page AS MATERIALIZED (
    SELECT n.certificate, n.sha256, n.name, n.place_count, n.owner_basis, n.record, n.record_id, n.issuer_name, n.not_after,
           coalesce(l.revoked_at, n.revoked_at) AS revoked_at, l.reason, coalesce(l.source, 'managed record') AS told_by,
           kept_places(n.places, $1::jsonb) AS places
    FROM certificates_wanted($1::jsonb, $5::bigint[]) n
    LEFT JOIN listed l ON l.child = n.certificate
    WHERE n.is_leaf AND (n.is_revoked OR n.certificate = ANY (ARRAY(SELECT child FROM listed)))       -- each by an index
)
SELECT * FROM (
SELECT CASE WHEN n.place_count > 0 THEN 'still served' ELSE 'not served' END AS status, n.revoked_at,
    coalesce(n.reason, m.revocation_reason) AS reason, n.name, coalesce(n.places, placed.places) AS places,
       o.owner, array_to_string(o.contacts, E'\n') AS contacts, n.record, n.issuer_name AS issuer, f.serial_number, n.told_by,
       n.not_after, days_between(r.as_of, n.not_after) AS days_left,
       step.next_step, step.act_by,
       encode(n.sha256, 'hex') AS sha256, n.place_count
FROM page n
CROSS JOIN report_as_of r
LEFT JOIN certificate_places(ARRAY(SELECT certificate FROM page WHERE places IS NULL), $1::jsonb) placed USING (certificate)
LEFT JOIN certificate_own f USING (certificate)
LEFT JOIN managed_record m ON m.id = n.record_id
LEFT JOIN next_steps(ARRAY(SELECT certificate FROM page)) step USING (certificate)
LEFT JOIN owner_basis o ON o.id = n.owner_basis
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, place_count = 0, revoked_at DESC NULLS LAST, sha256 LIMIT $2::bigint
