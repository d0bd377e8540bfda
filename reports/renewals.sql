-- How many renewals a year does each owner face, today and when lifetimes shrink? $1 filter, $2 rows or NULL, $3 and $4 column to sort by,
-- up and down, $5 certificates that can be wanted or NULL. Of certificates that are served or recorded and have not ended. One of L days is
-- renewed 365 / L times a year; under a limit of N days 365 / min(L, N) times. Automatic: the record says so, or it lives 100 days or
-- less; by hand: a longer one of the same names was seen renewed in the year before; else it is unknown. The total first. Without a filter
-- the numbers are those that runs keep (owner_count), of which only the page's are rounded.
WITH lived AS MATERIALIZED (            -- those of one owner that live as long: far fewer to sort by owner and to reckon with
    SELECT n.owner_basis, n.not_after - n.not_before AS life, r.id IS NOT NULL AS is_automatic, n.is_renewed, count(*) AS count
    FROM certificates_wanted($1::jsonb, $5::bigint[]) n
    LEFT JOIN managed_record r ON r.id = n.record_id AND r.auto_renewal
    WHERE n.is_leaf AND n.time <> 'expired' AND n.not_after > n.not_before AND $1::jsonb <> '{}'
    GROUP BY 1, 2, 3, 4
), alike AS MATERIALIZED (
    SELECT o.owner, d.days, renewal_way(l.is_automatic, d.days, l.is_renewed) AS way, l.is_renewed, l.count
    FROM lived l CROSS JOIN LATERAL renewal_days(l.life) d (days) LEFT JOIN owner_basis o ON o.id = l.owner_basis
), owned AS MATERIALIZED (              -- as owner_count has it
    SELECT owner, sum(count) AS lasting, coalesce(sum(count) FILTER (WHERE way = 'automatic'), 0) AS automatic,
           coalesce(sum(count) FILTER (WHERE way = 'by hand'), 0) AS by_hand, coalesce(sum(count) FILTER (WHERE is_renewed), 0) AS renewed,
           sum(count * renewals_a_year(days, 'infinity')) AS a_year, sum(count * renewals_a_year(days, 398)) AS a_year_398,
           sum(count * renewals_a_year(days, 200)) AS a_year_200, sum(count * renewals_a_year(days, 100)) AS a_year_100,
           sum(count * renewals_a_year(days, 47)) AS a_year_47,
           coalesce(sum(count * renewals_a_year(days, 47)) FILTER (WHERE way <> 'automatic'), 0) AS by_hand_47
    FROM alike GROUP BY owner
), line AS (
    SELECT false AS is_total, owner, lasting, automatic, by_hand, renewed, a_year, a_year_398, a_year_200, a_year_100, a_year_47, by_hand_47
    FROM owned
    UNION ALL
    (SELECT false, owner, lasting, automatic, by_hand, renewed, a_year, a_year_398, a_year_200, a_year_100, a_year_47, by_hand_47
     FROM owner_count WHERE lasting > 0 AND $1::jsonb = '{}'
     ORDER BY a_year_47 DESC, owner LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END)
    UNION ALL
    SELECT true, '(all)', sum(lasting), sum(automatic), sum(by_hand), sum(renewed), sum(a_year), sum(a_year_398), sum(a_year_200), sum(a_year_100),
           sum(a_year_47), sum(by_hand_47)
    FROM (SELECT lasting, automatic, by_hand, renewed, a_year, a_year_398, a_year_200, a_year_100, a_year_47, by_hand_47
          FROM owned
          UNION ALL
          SELECT lasting, automatic, by_hand, renewed, a_year, a_year_398, a_year_200, a_year_100, a_year_47, by_hand_47
          FROM owner_count WHERE lasting > 0 AND $1::jsonb = '{}') a
    HAVING count(*) > 0
)
SELECT * FROM (
SELECT coalesce(owner, '(nobody)') AS owner, lasting AS certificate_count, automatic AS automatic_count, by_hand AS by_hand_count,
       lasting - automatic - by_hand AS unknown_count, renewed AS renewed_count, round(a_year / 1e6) AS a_year, round(a_year_398 / 1e6) AS a_year_398, round(a_year_200 / 1e6) AS a_year_200,
       round(a_year_100 / 1e6) AS a_year_100, round(a_year_47 / 1e6) AS a_year_47, round(by_hand_47 / 1e6) AS by_hand_47, is_total,
       a_year_47 AS urgency, owner IS NULL AS is_nobody
FROM line
) q ORDER BY to_jsonb(q) -> $3, to_jsonb(q) -> $4 DESC NULLS LAST, is_total DESC, urgency DESC, is_nobody, owner LIMIT $2::bigint
