-- The rules that found something, gravest first. Columns: rule, gravest severity, title, next step, source, findings, subjects, owners,
-- findings with a day, findings of each severity ("2 high, 5 medium"; NULL where all have one).
WITH counted AS (
    SELECT rule, severity_rank, count(*) AS findings FROM document_finding GROUP BY rule, severity_rank
), severities AS (
    SELECT c.rule, min(c.severity_rank) AS rank,
           CASE WHEN count(*) > 1 THEN string_agg(grouped(c.findings) || ' ' || s.name, ', ' ORDER BY s.rank) END AS severities
    FROM counted c JOIN severity s ON s.rank = c.severity_rank GROUP BY c.rule
), owned AS (                           -- several together are each of them
    SELECT x.rule, count(DISTINCT coalesce(m.owner, x.owner)) AS owners
    FROM (SELECT DISTINCT rule, owner, basis FROM document_finding) x
    LEFT JOIN owner_basis b ON b.id = x.basis AND is_of_several(b.evidence)
    LEFT JOIN LATERAL unnest(b.members) m (owner) ON true
    GROUP BY x.rule
)
SELECT f.rule, s.name, ru.title, ru.next_step, ru.source, f.findings, f.subjects, w.owners, f.dated, g.severities
FROM (SELECT rule, min(act_by) AS act_by, count(*) AS findings, count(DISTINCT subject) AS subjects,
             count(act_by) AS dated
      FROM document_finding GROUP BY rule) f
JOIN severities g USING (rule)
JOIN owned w USING (rule)
JOIN document_rule ru ON ru.id = f.rule
JOIN severity s ON s.rank = g.rank
ORDER BY s.rank, f.act_by, f.rule
