-- A command that keeps what was asked for. $1 command, $2 filter: what the command has already is left out.
WITH head AS (
    SELECT coalesce(substring($1::text FROM '^certsweep report [a-z-]+'), $1::text) AS text
)
SELECT h.text || coalesce((SELECT string_agg(o.option, '' ORDER BY o.key) FROM filter_kept($2::jsonb) o
                          WHERE (o.key <> 'as-of' OR starts_with(h.text, 'certsweep report ')) AND strpos($1::text, ' --' || o.key || ' ') = 0), '')
       || substr($1::text, length(h.text) + 1)
FROM head h
