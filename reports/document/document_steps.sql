-- What an owner must do, step by step: a step for each certificate or server at its earliest day, a row for each rule of it.
-- $1 steps at most, $2 whether those with the same rules stand together (by the first of them). Columns: step, steps in all, name, severity of the
-- step, act by, days left, places, issuer, valid until; then of
-- the rule: rule, title, because, next step, source, act by; then files, other owners, contacts, the rule's own next step, number of the
-- group, rank, whether another owner is known, where a record without a certificate says it is.
WITH dated AS MATERIALIZED (
    SELECT f.*, ru.is_replacing,
           f.rule = 'R01' AND min(f.act_by) FILTER (WHERE ru.is_replacing) OVER subject <= f.act_by
               AND min(f.severity_rank) FILTER (WHERE ru.is_replacing) OVER subject <= f.severity_rank
           AS is_left_out                       -- who replaces it does not take it over first
    FROM document_finding f JOIN document_rule ru ON ru.id = f.rule WHERE f.act_by IS NOT NULL
    WINDOW subject AS (PARTITION BY f.subject)
), item AS MATERIALIZED (
    SELECT f.subject, min(f.severity_rank) AS rank, min(f.act_by) AS act_by, min(f.basis) AS basis, min(f.owner) AS owner,
           array_agg(DISTINCT f.rule ORDER BY f.rule) FILTER (WHERE f.is_left_out IS NOT TRUE) AS rules,
           CASE WHEN bool_or(f.is_left_out) THEN (array_agg(f.rule ORDER BY f.act_by, f.severity_rank, f.rule) FILTER (WHERE f.is_replacing))[1] END AS replacing
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
    SELECT *, CASE WHEN $2::boolean THEN min(step) OVER (PARTITION BY rules, replacing) ELSE step END AS group_step FROM step WHERE step <= $1::bigint
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
    SELECT f.subject, f.rule, min(f.act_by) AS act_by, min(f.severity_rank) AS rank,
           (array_agg(f.evidence ORDER BY f.endpoint))[1] AS evidence
    FROM shown s JOIN dated f ON f.subject = s.subject WHERE f.is_left_out IS NOT TRUE
    GROUP BY f.subject, f.rule
)
SELECT * FROM (
SELECT s.step, s.steps, s.name, sev.name AS severity, s.act_by, s.act_by - r.today AS days, placed.places, s.issuer_name, (s.not_after AT TIME ZONE z.zone)::date,
       f.rule, ru.title, finding_seen(f.rule, f.evidence, s.not_after, z.zone) AS because,
           CASE WHEN is_about_end(f.rule) THEN coalesce(nx.what, ru.next_step) ELSE ru.next_step END
               || m.managed AS next_step,
       ru.source, f.act_by AS rule_act_by, filed.files, c.also_at,
       array_to_string(o.contacts[:8], ', ') AS contacts, ru.next_step || m.managed AS rule_next, s.group_step, f.rank AS rule_rank, c.is_shared,
       record_places(s.record) AS recorded_at
FROM shown s
CROSS JOIN report_today r CROSS JOIN due_setting z
JOIN severity sev ON sev.rank = s.rank
JOIN rules f ON f.subject = s.subject
JOIN document_rule ru ON ru.id = f.rule
CROSS JOIN LATERAL (SELECT CASE WHEN f.rule = s.replacing THEN ' Have the new one managed.' ELSE '' END AS managed) m
LEFT JOIN placed ON placed.certificate = s.subject
LEFT JOIN filed ON filed.certificate = s.subject
LEFT JOIN document_certificate c ON c.certificate = s.subject
LEFT JOIN owner_basis o ON o.id = s.basis
LEFT JOIN document_next nx ON nx.certificate = s.subject
) q
WINDOW same AS (PARTITION BY step, next_step)
-- rules that ask for the same stand together
ORDER BY group_step, step, min(rule_act_by) OVER same, min(rule_rank) OVER same, next_step, rule_act_by, rule_rank, rule
