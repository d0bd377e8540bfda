-- How many renewals a year does each owner face, today and when lifetimes shrink? $1 filter, $2 rows or NULL, $3 and $4 column to sort by,
-- up and down, $5 certificates that can be wanted or NULL. Of certificates that are served or recorded and have not ended. One of L days is
-- renewed 365 / L times a year; under a limit of N days 365 / min(L, N) times. Automatic: the record says so, or it lives 100 days or
-- less; by hand: a longer one of the same names was seen renewed in the year before; else it is unknown. The total first.
WITH renewed AS MATERIALIZED (          -- in the year before: the new certificate of the same names, and its owner
    SELECT DISTINCT e.endpoint, a.certificate, e.time
    FROM report_as_of r
    JOIN event e ON e.kind = 'changed' AND e.time > r.as_of - interval '1 year' AND e.time <= r.as_of
    JOIN chain cb ON cb.id = e.chain_before
    JOIN chain ca ON ca.id = e.chain_after
    JOIN certificate_own b ON b.certificate = cb.leaf
    JOIN certificate_own a ON a.certificate = ca.leaf
    WHERE a.name_set = b.name_set AND a.not_after > b.not_after
), renewed_once AS MATERIALIZED (
    SELECT certificate, count(*) AS count FROM renewed GROUP BY certificate
), lived AS (
    SELECT n.owner_basis, greatest(date_part('epoch', n.not_after - n.not_before) / 86400, 1) AS days,
           CASE WHEN coalesce(mr.auto_renewal, false) OR n.not_after - n.not_before <= interval '100 days' THEN 'automatic'
                WHEN x.certificate IS NOT NULL THEN 'by hand' ELSE 'not known' END AS way,
           CASE WHEN x.certificate IS NOT NULL THEN 1 ELSE 0 END AS is_renewed
    FROM certificates_wanted($1::jsonb, $5::bigint[]) n
    CROSS JOIN report_as_of r
    LEFT JOIN managed_record mr ON mr.id = n.record_id
    LEFT JOIN renewed_once x ON x.certificate = n.certificate
    WHERE n.is_leaf AND n.not_after > n.not_before AND n.not_after >= r.as_of
), alike AS MATERIALIZED (              -- those of one owner that live as long: far fewer to sort by owner and to reckon with
    SELECT owner_basis, days, way, count(*) AS count, sum(is_renewed) AS renewed FROM lived GROUP BY owner_basis, days, way
), owned AS MATERIALIZED (
    SELECT GROUPING(o.owner) AS is_total, o.owner, sum(l.count) AS certificate_count,
           coalesce(sum(l.count) FILTER (WHERE l.way = 'automatic'), 0) AS automatic_count,
           coalesce(sum(l.count) FILTER (WHERE l.way = 'by hand'), 0) AS by_hand_count, coalesce(sum(l.count) FILTER (WHERE l.way = 'not known'), 0) AS unknown_count,
           sum(l.renewed) AS renewed_count, round(sum(l.count * (365 / l.days))) AS a_year, round(sum(l.count * (365 / least(l.days, 398)))) AS a_year_398,
           round(sum(l.count * (365 / least(l.days, 200)))) AS a_year_200, round(sum(l.count * (365 / least(l.days, 100)))) AS a_year_100,
           round(sum(l.count * (365 / least(l.days, 47)))) AS a_year_47,
           round(coalesce(sum(l.count * (365 / least(l.days, 47))) FILTER (WHERE l.way <> 'automatic'), 0)) AS by_hand_47
    FROM alike l LEFT JOIN owner_basis o ON o.id = l.owner_basis
    GROUP BY ROLLUP (o.owner)
)
SELECT * FROM (
SELECT CASE WHEN is_total = 1 THEN '(all)' ELSE coalesce(owner, '(nobody)') END AS owner, certificate_count, automatic_count, by_hand_count,
       unknown_count, renewed_count, a_year, a_year_398, a_year_200, a_year_100, a_year_47, by_hand_47, is_total
FROM owned
) q ORDER BY to_jsonb(q) -> $3, to_jsonb(q) -> $4 DESC NULLS LAST, is_total DESC, a_year_47 DESC, owner LIMIT $2::bigint
