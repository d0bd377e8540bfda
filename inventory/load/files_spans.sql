-- The history of the places of this bundle, from all that is known of them. Where a place was ever read, a failed reading says
-- nothing of what is there.
WITH point AS (
    SELECT s.place, t.at, s.state, s.modified_at
    FROM file_span s CROSS JOIN LATERAL (VALUES (s.from_at), (s.to_at)) AS t (at)
    WHERE s.place IN (SELECT place FROM in_point)
    UNION
    SELECT place, at, state, modified_at FROM in_point
), judged AS (
    SELECT p.*, s.outcome IS NULL OR s.outcome = 1 AS tells, bool_or(s.outcome = 1) OVER (PARTITION BY p.place) AS was_read
    FROM point p LEFT JOIN file_state s ON s.id = p.state
), one AS (
    SELECT DISTINCT ON (place, at) place, at, state, modified_at
    FROM judged WHERE tells OR was_read IS NOT TRUE
    ORDER BY place, at, state DESC NULLS LAST
), changes AS (
    SELECT *, (row_number() OVER w = 1 OR state IS DISTINCT FROM lag(state) OVER w)::integer AS begins
    FROM one WINDOW w AS (PARTITION BY place ORDER BY at)
), numbered AS (
    SELECT *, sum(begins) OVER (PARTITION BY place ORDER BY at) AS number FROM changes
)
INSERT INTO in_file_span
SELECT place, min(at), max(at), state, min(modified_at) FROM numbered GROUP BY place, number, state
