-- The facts in the head of the page. $1 site or NULL
SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS written_at,
       to_char((SELECT as_of FROM report_as_of) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS as_of,
       coalesce($1::text, (SELECT string_agg(name, ', ' ORDER BY name) FROM site), 'none') AS sites,
       (SELECT count(*) FROM scan s JOIN site st ON st.id = s.site WHERE $1::text IS NULL OR st.name = $1) AS runs,
       coalesce((SELECT name FROM policy_current), 'built-in') AS policy,
       coalesce((SELECT string_agg(name, ', ' ORDER BY name) FROM managed_source), 'none') AS sources
