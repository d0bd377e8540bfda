-- What is known of one certificate, or of those few that the argument names? $1 filter ("argument"; the others narrow which of them, its
-- places and its findings), $2 rows or NULL, $3 and $4 column to sort by, up and down. Rows: which certificate, section, item, value, time;
-- sections in the order in which people ask.
WITH named AS MATERIALIZED (
    SELECT f.certificate FROM certificates_found($1::jsonb->>'argument') f
), hit AS MATERIALIZED (
    SELECT n.certificate FROM named n
    WHERE $1::jsonb - 'argument' = '{}'
       OR n.certificate IN (SELECT certificate FROM certificates_among($1::jsonb - 'argument', ARRAY(SELECT certificate FROM named)))
    ORDER BY n.certificate LIMIT 50
), subject AS MATERIALIZED (
    SELECT h.certificate, c.sha256, coalesce(n.name, f.subject, '(unreadable)') || '  ' || encode(c.sha256, 'hex') AS title
    FROM hit h JOIN certificate c ON c.id = h.certificate
    LEFT JOIN certificate_now n USING (certificate) LEFT JOIN certificate_own f USING (certificate)
), line (certificate, ordinal, section, item, value, at) AS (
    SELECT h.certificate, l.ordinal, l.section, l.item, l.value, l.at FROM hit h CROSS JOIN LATERAL certificate_lines(h.certificate) l
    UNION ALL
    SELECT j.certificate, 200 + j.ordinal, 'judged', j.item, j.value, j.at FROM certificates_judged(ARRAY(SELECT certificate FROM hit)) j
    UNION ALL
    SELECT f.subject, 300 + f.severity_rank, 'findings', f.rule, f.said, f.since
    FROM subject_findings($1::jsonb, ARRAY(SELECT certificate FROM hit), NULL) f
    UNION ALL
    SELECT f.subject, 300 + f.severity_rank, 'findings', f.rule, f.said, f.since
    FROM place_findings(ARRAY(SELECT certificate FROM hit), $1::jsonb) f
    UNION ALL
    SELECT p.certificate, 400, 'places', p.place, p.said, p.last_seen FROM certificates_at(ARRAY(SELECT certificate FROM hit), $1::jsonb) p
    UNION ALL
    SELECT u.certificate, 410, 'places', u.place, u.said, u.last_seen FROM certificates_unconfirmed(ARRAY(SELECT certificate FROM hit)) u
    UNION ALL
    SELECT f.certificate, 450, 'files', f.place, f.said, f.last_at FROM certificates_in_files(ARRAY(SELECT certificate FROM hit)) f
)
SELECT * FROM (
SELECT s.title AS certificate, l.section, l.item, coalesce(l.value, moment_text(l.at)) AS value, l.at AS time,
       CASE WHEN l.section = 'certificate' AND l.item IN ('days left', 'SCTs') THEN l.value::bigint END AS number,
       s.sha256, l.ordinal, l.value AS said
FROM line l JOIN subject s USING (certificate)
WHERE coalesce(l.value, l.at::text) IS NOT NULL
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, sha256, ordinal, time, item, said
LIMIT $2::bigint
