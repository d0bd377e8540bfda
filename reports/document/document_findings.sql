-- Fills document_finding. $1 owner, '' none, NULL all; $2 site or NULL. Nothing about what is over and served nowhere has a
-- day (is_over), nor what only the keeper of the policy can do: to name the root of an own CA (document_policy.sql tells that).
-- A certificate that somebody has is none of nobody's, even at a place that is: there, the place stands for itself. Of a key that all may read (K21)
-- the owner of its file is told, and of that certificate nothing else; where all are told, it is that owner's.
INSERT INTO document_finding (subject, certificate, endpoint, rule, severity_rank, act_by, owner, basis, evidence)
WITH mine AS NOT MATERIALIZED (         -- else the planner takes it for a few certificates, and looks up all that is known of each
    SELECT * FROM document_place WHERE $1::text IS NULL OR owner = $1
), hit AS (
    SELECT f.certificate AS subject, f.*, coalesce($1, k.owner, o.owner, '') AS owner, coalesce(m.basis, k.basis, n.owner_basis) AS basis,
           is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at) OR is_for_policy(f.rule, n.issuer) AS is_over
    FROM (SELECT certificate, CASE WHEN $1 IS NOT NULL THEN min(basis) END AS basis, bool_and(is_key) AS is_key FROM mine GROUP BY certificate) m
    JOIN finding f ON f.certificate = m.certificate AND f.endpoint = 0 AND (NOT m.is_key OR f.rule = 'K21')
    JOIN certificate_now n ON n.certificate = f.certificate
    LEFT JOIN owner_basis o ON o.id = n.owner_basis
    LEFT JOIN (SELECT p.certificate, min(p.owner) AS owner, min(p.basis) AS basis FROM document_place p
               WHERE p.is_key AND $1 IS NULL GROUP BY p.certificate) k
           ON k.certificate = f.certificate AND f.rule = 'K21'
    WHERE $1 IS DISTINCT FROM '' OR n.owner_basis IS NULL      -- else its owner has it
    UNION ALL
    SELECT CASE WHEN n.owner_basis IS NOT NULL THEN -f.endpoint ELSE coalesce(nullif(f.certificate, 0), m.certificate, -f.endpoint) END,
           f.*, coalesce(m.owner, ''), m.basis, false
    FROM finding f
    JOIN endpoint e ON e.id = f.endpoint
    JOIN site ON site.id = e.site
    LEFT JOIN (SELECT DISTINCT ON (endpoint) endpoint, certificate, owner, basis FROM mine WHERE endpoint <> 0
               ORDER BY endpoint, certificate) m ON m.endpoint = f.endpoint
    LEFT JOIN certificate_now n ON coalesce($1, m.owner, '') = '' AND n.certificate = coalesce(nullif(f.certificate, 0), m.certificate)
    WHERE f.endpoint <> 0 AND ($2::text IS NULL OR site.name = $2) AND (coalesce($1, '') = '' OR m.endpoint IS NOT NULL)
      AND ($1 IS DISTINCT FROM '' OR m.endpoint IS NOT NULL
           OR NOT EXISTS (SELECT FROM document_place p WHERE p.endpoint = f.endpoint))
)
SELECT h.subject, h.certificate, h.endpoint, h.rule, h.severity_rank,
       CASE WHEN NOT h.is_over THEN finding_act_by(h.rule, h.severity_rank, h.since, d.day, r.revoked_at, s.act_days, s.zone) END, h.owner, h.basis, h.evidence
FROM hit h
CROSS JOIN due_setting s
LEFT JOIN LATERAL (SELECT coalesce(n.revoked_at, h.since) AS revoked_at FROM certificate_now n
                   WHERE is_of_revoked(h.rule) AND n.certificate = h.subject AND n.is_revoked OFFSET 0) r ON true
LEFT JOIN document_day d ON d.certificate = h.certificate
