-- The findings of the owner that the document is filled with, and what must be renewed, first day first. The places of each certificate are gathered once.
WITH placed AS MATERIALIZED (
    SELECT d.certificate, string_agg(site.name || ' ' || place_text(x.address, x.port, x.server_name), E'\n' ORDER BY site.name, x.address, x.port, x.server_name) AS places
    FROM document_certificate c
    JOIN document_place d ON d.certificate = c.certificate AND d.owner = c.owner AND d.endpoint <> 0
    JOIN endpoint x ON x.id = d.endpoint JOIN site ON site.id = x.site
    WHERE c.certificate IN (SELECT certificate FROM document_finding)
    GROUP BY d.certificate
)
SELECT f.act_by, s.name AS severity, f.rule, f.title AS finding, coalesce(n.name, q.name, place_text(e.address, e.port, e.server_name)) AS name,
       CASE WHEN e.id IS NOT NULL THEN site.name || ' ' || place_text(e.address, e.port, e.server_name)
           ELSE coalesce(placed.places, record_places(q.record)) END AS places,
           c.also_at, array_to_string(o.contacts, E'\n') AS contacts,
       evidence_brief(f.evidence) AS because,
       CASE WHEN f.endpoint = 0 AND is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at) THEN over_step(n.replaced_at)
            WHEN is_for_policy(f.rule, n.issuer) THEN 'None of yours: its issuer is our own CA, whose root we name in the policy.'
            ELSE f.next_step END AS next_step, f.source, coalesce(n.not_after, q.not_after) AS not_after, encode(n.sha256, 'hex') AS sha256
FROM document_step f
JOIN severity s ON s.rank = f.severity_rank
LEFT JOIN certificate_now n ON n.certificate = f.subject
LEFT JOIN document_record q ON q.subject = f.subject
LEFT JOIN document_certificate c ON c.certificate = f.subject
LEFT JOIN owner_basis o ON o.id = f.basis
LEFT JOIN placed ON placed.certificate = f.certificate
LEFT JOIN endpoint e ON e.id = f.endpoint AND f.endpoint <> 0
LEFT JOIN site ON site.id = e.site
ORDER BY f.act_by NULLS LAST, f.severity_rank, f.rule, coalesce(n.name, q.name) COLLATE "C", f.certificate, f.endpoint
