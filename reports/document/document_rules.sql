-- The rules that found something, gravest first. Columns: rule, severity, title, next step, source, findings, subjects, owners,
-- findings with a day.
SELECT f.rule, s.name, ru.title, ru.next_step, ru.source, count(*), count(DISTINCT f.subject), count(DISTINCT f.owner),
       count(f.act_by)
FROM document_finding f JOIN rule ru ON ru.id = f.rule JOIN severity s ON s.rank = (
    SELECT min(severity_rank) FROM document_finding g WHERE g.rule = f.rule)
GROUP BY f.rule, s.rank, s.name, ru.title, ru.next_step, ru.source
ORDER BY s.rank, min(f.act_by), f.rule
