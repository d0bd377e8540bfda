-- Would what is served be forgotten with what was seen before $1? It would, unless that whole day lies before the last finished scan (before
-- the last run of any kind, where no scan has finished). Columns: when that one began, the last day that can be named. No row: it would not, or nothing was seen yet.
SELECT to_char(s.began AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC', to_char(s.began AT TIME ZONE 'UTC' - interval '1 day', 'YYYY-MM-DD')
FROM (SELECT coalesce(max(started_at) FILTER (WHERE finished_at IS NOT NULL AND kind = 1), max(started_at)) AS began FROM scan WHERE started_at <= clock_limit) s
WHERE $1::timestamptz + interval '1 day' > s.began
