-- Counts what must be renewed by when ($1 = 1: from today), or what the run before counted of the same certificates ($1 = -1: from its day). A
-- certificate counts in each site where it is, and at each owner of it or of a place or file of it, once; not at "shared by A; B", who are all of them.
WITH due AS MATERIALIZED (
    SELECT t.certificate, t.owner_basis, renewal_span(t.safe_until - d.day) AS span
    FROM (SELECT CASE WHEN $1::bigint < 0 THEN counted_day ELSE today END AS day FROM judging) d CROSS JOIN due_in_scope t
    WHERE t.safe_until <= d.day + 90
), there AS MATERIALIZED (
    SELECT d.certificate, d.span, j.site, j.owner_basis FROM due d JOIN endpoint_judged j USING (certificate) GROUP BY 1, 2, 3, 4
), owned AS (
    SELECT d.certificate, d.span, o.owner FROM due d LEFT JOIN owner_basis o ON o.id = d.owner_basis WHERE NOT is_of_several(o.evidence)
    UNION
    SELECT d.certificate, d.span, o.owner FROM due d JOIN file_judged f USING (certificate) JOIN owner_basis o ON o.id = f.owner_basis
    UNION
    SELECT t.certificate, t.span, o.owner FROM there t JOIN owner_basis o ON o.id = t.owner_basis
), owners AS (
    INSERT INTO owner_part (owner_key, owner, due_overdue, due_week, due_month, due_two_months, due_three_months)
    SELECT coalesce(md5(owner)::uuid, '00000000-0000-0000-0000-000000000000'), owner, $1::bigint * count(*) FILTER (WHERE span = 'overdue'),
           $1::bigint * count(*) FILTER (WHERE span = '0-7'), $1::bigint * count(*) FILTER (WHERE span = '8-30'),
           $1::bigint * count(*) FILTER (WHERE span = '31-60'), $1::bigint * count(*) FILTER (WHERE span = '61-90')
    FROM owned GROUP BY owner
)
INSERT INTO count_part (site, subject, value, count)
SELECT 0, 'to renew', span, $1::bigint * count(*) FROM due GROUP BY span
UNION ALL
SELECT s.site, 'to renew', v.span, $1::bigint * v.count
FROM (SELECT site, count(*) FILTER (WHERE span = 'overdue') AS overdue, count(*) FILTER (WHERE span = '0-7') AS week,
             count(*) FILTER (WHERE span = '8-30') AS month, count(*) FILTER (WHERE span = '31-60') AS two_months,
             count(*) FILTER (WHERE span = '61-90') AS three_months
      FROM (SELECT site, certificate, span FROM there
            UNION
            SELECT f.site, d.certificate, d.span FROM due d JOIN file_judged f USING (certificate)) t
      GROUP BY site) s
CROSS JOIN LATERAL (VALUES ('overdue', s.overdue), ('0-7', s.week), ('8-30', s.month), ('31-60', s.two_months), ('61-90', s.three_months)) v (span, count)
WHERE v.count > 0
