-- The first subjects that need action of each rule, by the day they must be settled. $1 subjects of each rule at most. Columns: rule, name, owner,
-- because, act by, days left, issuer, places, record, key, valid until, first seen, contacts, SHA-256, findings in this line, severity.
WITH item AS MATERIALIZED (
    SELECT f.rule, f.subject, f.owner, min(f.basis) AS basis, min(f.act_by) AS act_by, min(f.severity_rank) AS rank, count(*) AS findings
    FROM document_finding f WHERE f.act_by IS NOT NULL GROUP BY f.rule, f.subject, f.owner
), page AS MATERIALIZED (
    SELECT * FROM (
        SELECT i.*, coalesce(n.name, q.name, e.place) AS name, coalesce(n.not_after, q.not_after) AS not_after,
            coalesce(n.issuer_name, q.issuer_name, '') AS issuer, q.record AS of_record,
               row_number() OVER (PARTITION BY i.rule ORDER BY i.act_by, i.rank, coalesce(n.not_after, q.not_after),
                                  coalesce(n.name, q.name, e.place) COLLATE "C", i.subject, i.owner) AS line
        FROM item i
        LEFT JOIN certificate_now n ON n.certificate = i.subject
        LEFT JOIN document_record q ON q.subject = i.subject
        LEFT JOIN LATERAL (SELECT place_text(e.address, e.port, e.server_name) AS place FROM endpoint e
                           WHERE i.subject < 0 AND e.id = -i.subject OFFSET 0) e ON true) x     -- few show no certificate
    WHERE line <= $1::bigint
), told AS MATERIALIZED (               -- of these alone
    SELECT rule, subject, owner, (array_agg(f.evidence ORDER BY f.endpoint))[1] AS evidence,
           (array_agg(f.endpoint ORDER BY f.endpoint) FILTER (WHERE f.endpoint <> 0))[:8] AS endpoints
    FROM page JOIN document_finding f USING (rule, subject, owner) WHERE f.act_by IS NOT NULL GROUP BY rule, subject, owner
)
SELECT p.rule, p.name, p.owner, finding_seen(p.rule, t.evidence, p.not_after, z.zone) AS because, p.act_by,
       p.act_by - r.today AS days, p.issuer,
       coalesce(record_places(p.of_record), (SELECT string_agg(w.text, ', ' ORDER BY w.text) FROM (
            SELECT place_text(e.address, e.port, e.server_name) || at_site(site.name, (SELECT default_is_named()))
                   || CASE WHEN is_of_several(o.evidence)      -- whose it is: the line has them all
                           THEN (SELECT coalesce(' (' || coalesce(nullif(min(d.owner), ''), 'nobody named yet') || ')', '') FROM document_place d
                                 WHERE d.certificate = p.subject AND d.endpoint = e.id) ELSE '' END AS text
            FROM endpoint e JOIN site ON site.id = e.site
            WHERE e.id IN (SELECT unnest(coalesce(t.endpoints, (
                SELECT array_agg(q.endpoint) FROM (SELECT endpoint FROM document_place d
                    WHERE d.certificate = p.subject AND d.endpoint <> 0 AND (p.owner = d.owner OR p.basis IS NULL OR is_of_several(o.evidence)) LIMIT 8) q)))))
        w)) AS places,
       coalesce(c.record, CASE WHEN p.of_record IS NOT NULL THEN 'managed' END) AS record, f.key_algorithm
           || coalesce(' ' || f.key_curve, ' ' || f.key_bits, '') AS key, (p.not_after AT TIME ZONE z.zone)::date AS not_after,
       (n.first_seen AT TIME ZONE z.zone)::date AS first_seen, array_to_string(o.contacts, ', ') AS contacts,
           encode(n.sha256, 'hex') AS sha256, p.findings, sev.name AS severity
FROM page p
JOIN told t USING (rule, subject, owner)
CROSS JOIN report_today r CROSS JOIN due_setting z
JOIN severity sev ON sev.rank = p.rank
LEFT JOIN certificate_now n ON n.certificate = p.subject
LEFT JOIN document_certificate c ON c.certificate = p.subject
LEFT JOIN certificate_facts f ON f.certificate = p.subject
LEFT JOIN owner_basis o ON o.id = p.basis
JOIN (SELECT rule, min(severity_rank) AS rank, min(act_by) AS act_by FROM document_finding GROUP BY rule) g ON g.rule = p.rule
ORDER BY g.rank, g.act_by, p.rule, p.line
