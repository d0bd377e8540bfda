-- The items of tests. $1 endpoints and $2 times in microseconds: parallel arrays. Columns: which of them (from 1),
-- item, value, detail. A test that found nothing new has no rows of its own; its items are those known at its time.
-- Lists are in the order of the server's choices.
WITH asked AS MATERIALIZED (
    SELECT a.ordinal, a.endpoint, to_timestamp(a.us / 1000000) + (a.us % 1000000) * interval '1 microsecond' AS time
    FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY a (endpoint, us, ordinal)
), own AS MATERIALIZED (
    SELECT a.ordinal, p.item, p.value, p.detail FROM asked a JOIN posture p ON p.endpoint = a.endpoint AND p.time = a.time
), fresh AS (
    SELECT DISTINCT ordinal FROM own WHERE item NOT IN ('sessions_at_once', 'cleartext_after_starttls')
), answer AS (
    SELECT o.* FROM own o JOIN fresh USING (ordinal)
    UNION ALL
    (SELECT DISTINCT ON (a.ordinal, p.item) a.ordinal, p.item, p.value, p.detail
     FROM asked a JOIN posture p ON p.endpoint = a.endpoint AND p.time <= a.time
     WHERE NOT EXISTS (SELECT FROM fresh f WHERE f.ordinal = a.ordinal)
     ORDER BY a.ordinal, p.item, p.time DESC)
)
SELECT ordinal, item, value, coalesce(detail, '') FROM answer
ORDER BY ordinal, split_part(item, ':', 1), CASE WHEN item LIKE '%:%:%' THEN split_part(item, ':', 2) END,
         CASE WHEN detail ~ '^[0-9]{1,4}$' THEN detail::integer END, item
