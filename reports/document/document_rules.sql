-- The rules that found something, gravest first. Columns: rule, severity, title, next step, source, findings, subjects, owners,
-- findings with a day.
SELECT f.rule, s.name, ru.title, ru.next_step, ru.source, f.findings, f.subjects, f.owners, f.dated
FROM (SELECT rule, min(severity_rank) AS rank, min(act_by) AS act_by, count(*) AS findings, count(DISTINCT subject) AS subjects,
             count(DISTINCT owner) AS owners, count(act_by) AS dated
      FROM document_finding GROUP BY rule) f
JOIN rule ru ON ru.id = f.rule
JOIN severity s ON s.rank = f.rank
ORDER BY s.rank, f.act_by, f.rule
