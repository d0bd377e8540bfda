-- What an owner must do, step by step: a step for each certificate or server at its earliest day, a row for each rule of it.
-- $1 steps at most, $2 whether those with the same rules stand together (by the first of them). Columns: step, steps in all, name, severity of the
-- step, act by, days left, places, issuer, valid until; then of
-- the rule: rule, title, because, next step, source, act by; then files, other owners, contacts, the rule's own next step, number of the
-- group, rank, whether another owner is known, where a record without a certificate says it is.
WITH dated AS MATERIALIZED (
    SELECT * FROM document_step WHERE act_by IS NOT NULL
), item AS MATERIALIZED (
    SELECT f.subject, min(f.severity_rank) AS rank, min(f.act_by) AS act_by, min(f.basis) AS basis, min(f.owner) AS owner,
           array_agg(DISTINCT f.rule ORDER BY f.rule) FILTER (WHERE NOT f.is_left_out) AS rules,
           array_agg(DISTINCT f.rule_next ORDER BY f.rule_next) FILTER (WHERE NOT f.is_left_out) AS words
    FROM dated f GROUP BY f.subject
), step AS MATERIALIZED (
    SELECT i.*, coalesce(n.name, q.name, place_text(e.address, e.port, e.server_name)) AS name, coalesce(n.issuer_name, q.issuer_name) AS issuer_name,
           coalesce(n.not_after, q.not_after) AS not_after, q.record,
           row_number() OVER (ORDER BY i.act_by, i.rank, coalesce(n.name, q.name, place_text(e.address, e.port, e.server_name)) COLLATE "C",
                              i.subject) AS step,
           count(*) OVER () AS steps
    FROM item i
    LEFT JOIN certificate_now n ON n.certificate = i.subject
    LEFT JOIN document_record q ON q.subject = i.subject
    LEFT JOIN endpoint e ON e.id = -i.subject
), shown AS MATERIALIZED (
    SELECT *, CASE WHEN $2::boolean THEN min(step) OVER (PARTITION BY rules, words) ELSE step END AS group_step FROM step WHERE step <= $1::bigint
), placed AS MATERIALIZED (
    SELECT certificate, string_agg(place, ', ' ORDER BY n) FILTER (WHERE n <= 8)
           || CASE WHEN count(*) > 8 THEN ' and ' || count(*) - 8 || ' more' ELSE '' END AS places
    FROM (SELECT d.certificate, place_text(e.address, e.port, e.server_name) 
                 || at_site(site.name, (SELECT default_is_named())) AS place,
                 row_number() OVER (PARTITION BY d.certificate ORDER BY e.address, e.port, e.server_name) AS n
          FROM shown s
          JOIN document_place d ON d.certificate = s.subject AND d.owner = s.owner AND d.endpoint <> 0
          JOIN endpoint e ON e.id = d.endpoint JOIN site ON site.id = e.site) x
    GROUP BY certificate
), filed AS MATERIALIZED (
    SELECT certificate, string_agg(file, ', ' ORDER BY n) FILTER (WHERE n <= 8)
           || CASE WHEN count(*) > 8 THEN ' and ' || count(*) - 8 || ' more' ELSE '' END AS files
    FROM (SELECT d.certificate, file_place_text(p.host, p.path, p.inside) 
                 || at_site(site.name, (SELECT default_is_named())) AS file,
                 row_number() OVER (PARTITION BY d.certificate ORDER BY p.host, p.path, p.inside) AS n
          FROM shown s
          JOIN document_place d ON d.certificate = s.subject AND d.owner = s.owner AND d.file IS NOT NULL
          JOIN file_place p ON p.id = d.file JOIN site ON site.id = p.site) x
    GROUP BY certificate
), rules AS MATERIALIZED (
    SELECT f.subject, f.rule, f.title, f.source, f.next_step, f.rule_next, min(f.act_by) AS act_by, min(f.severity_rank) AS rank,
           (array_agg(f.evidence ORDER BY f.endpoint))[1] AS evidence
    FROM shown s JOIN dated f ON f.subject = s.subject WHERE NOT f.is_left_out
    GROUP BY f.subject, f.rule, f.title, f.source, f.next_step, f.rule_next
)
SELECT * FROM (
SELECT s.step, s.steps, s.name, sev.name AS severity, s.act_by, s.act_by - r.today AS days, placed.places, s.issuer_name, (s.not_after AT TIME ZONE z.zone)::date,
       f.rule, f.title, finding_seen(f.rule, f.evidence, s.not_after, z.zone) AS because,
       f.next_step, f.source, f.act_by AS rule_act_by, filed.files, c.also_at,
       array_to_string(o.contacts[:8], ', ') AS contacts, f.rule_next, s.group_step, f.rank AS rule_rank, c.is_shared,
       record_places(s.record) AS recorded_at
FROM shown s
CROSS JOIN report_today r CROSS JOIN due_setting z
JOIN severity sev ON sev.rank = s.rank
JOIN rules f ON f.subject = s.subject
LEFT JOIN placed ON placed.certificate = s.subject
LEFT JOIN filed ON filed.certificate = s.subject
LEFT JOIN document_certificate c ON c.certificate = s.subject
LEFT JOIN owner_basis o ON o.id = s.basis
) q
WINDOW same AS (PARTITION BY step, next_step)
-- rules that ask for the same stand together
ORDER BY group_step, step, min(rule_act_by) OVER same, min(rule_rank) OVER same, next_step, rule_act_by, rule_rank, rule
