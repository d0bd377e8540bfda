-- How many renewals a year does each owner face, today and when lifetimes shrink? $1 filter, $2 rows or NULL, $3 and $4 column to sort by,
-- up and down, $5 certificates that can be wanted or NULL. Of certificates that are served or recorded and have not ended. One of L days is
-- renewed 365 / L times a year; under a limit of N days 365 / min(L, N) times. Automatic: the record says so, or it lives 100 days or
-- less; by hand: a longer one of the same names was seen renewed in the year before; else it is unknown. The total first. Without a filter
-- the numbers are those that runs keep (owner_renewal_count).
WITH lived AS MATERIALIZED (            -- those of one owner that live as long: far fewer to sort by owner and to reckon with
    SELECT n.owner_basis, n.not_after - n.not_before AS life, r.id IS NOT NULL AS is_automatic, n.is_renewed, count(*) AS count
    FROM certificates_wanted($1::jsonb, $5::bigint[]) n
    LEFT JOIN managed_record r ON r.id = n.record_id AND r.auto_renewal
    WHERE n.is_leaf AND n.time <> 'expired' AND n.not_after > n.not_before AND $1::jsonb <> '{}'
    GROUP BY 1, 2, 3, 4
), alike AS MATERIALIZED (
    SELECT o.owner, d.days, renewal_way(l.is_automatic, d.days, l.is_renewed) AS way, l.count, CASE WHEN l.is_renewed THEN l.count ELSE 0 END AS renewed
    FROM lived l CROSS JOIN LATERAL renewal_days(l.life) d (days) LEFT JOIN owner_basis o ON o.id = l.owner_basis
    UNION ALL
    SELECT o.owner, c.days, c.way, c.count, c.renewed FROM owner_renewal_count c JOIN owner_count o USING (owner_key) WHERE $1::jsonb = '{}'
), owned AS MATERIALIZED (
    SELECT GROUPING(l.owner) AS is_total, l.owner, sum(l.count) AS certificate_count,
           coalesce(sum(l.count) FILTER (WHERE l.way = 'automatic'), 0) AS automatic_count,
           coalesce(sum(l.count) FILTER (WHERE l.way = 'by hand'), 0) AS by_hand_count, coalesce(sum(l.count) FILTER (WHERE l.way = 'not known'), 0) AS unknown_count,
           sum(l.renewed) AS renewed_count, round(sum(l.count * (365 / l.days))) AS a_year, round(sum(l.count * (365 / least(l.days, 398)))) AS a_year_398,
           round(sum(l.count * (365 / least(l.days, 200)))) AS a_year_200, round(sum(l.count * (365 / least(l.days, 100)))) AS a_year_100,
           round(sum(l.count * (365 / least(l.days, 47)))) AS a_year_47,
           round(coalesce(sum(l.count * (365 / least(l.days, 47))) FILTER (WHERE l.way <> 'automatic'), 0)) AS by_hand_47
    FROM alike l
    GROUP BY ROLLUP (l.owner)
)
SELECT * FROM (
SELECT CASE WHEN is_total = 1 THEN '(all)' ELSE coalesce(owner, '(nobody)') END AS owner, certificate_count, automatic_count, by_hand_count,
       unknown_count, renewed_count, a_year, a_year_398, a_year_200, a_year_100, a_year_47, by_hand_47, is_total
FROM owned
) q ORDER BY to_jsonb(q) -> $3, to_jsonb(q) -> $4 DESC NULLS LAST, is_total DESC, a_year_47 DESC, owner LIMIT $2::bigint
