-- How many renewals a year does each owner face, today and when lifetimes shrink? $1 filter, $2 rows or NULL, $3 and $4 column to sort by,
-- up and down, $5 certificates that can be wanted or NULL. Of certificates that are served or recorded and have not ended. One of L days is
-- renewed 365 / L times a year; under a limit of N days 365 / min(L, N) times. Automatic: the record says so, or it followed others as automation
-- does; presumed so: it lives 100 days or less; by hand: a longer one of the same names was seen renewed in the year before; else it is unknown. The
-- total first, of which each certificate is part once: one of several owners counts at each of them, and not at "shared by A; B", who are all of
-- them. Without a filter the
-- numbers are those that runs keep (owner_count), of which only the page's are rounded.
WITH kept AS MATERIALIZED (             -- runs before this version have not counted them so
    SELECT $1::jsonb = '{}' AND EXISTS (SELECT FROM ending_count) AS is_kept
), lived AS MATERIALIZED (              -- those of one owner, or set of them, that live as long: far fewer to sort by owner and to reckon with
    SELECT n.owner_basis, CASE WHEN is_of_several(o.evidence) THEN min(n.certificate) END AS one,
           n.not_after - n.not_before AS life, r.id IS NOT NULL OR n.is_automatic AS is_automatic, n.is_renewed, count(*) AS count
    FROM certificates_wanted($1::jsonb, $5::bigint[]) n
    LEFT JOIN managed_record r ON r.id = n.record_id AND r.auto_renewal
    LEFT JOIN owner_basis o ON o.id = n.owner_basis
    WHERE n.is_leaf AND n.time <> 'expired' AND n.not_after > n.not_before AND NOT (SELECT is_kept FROM kept)
    GROUP BY n.owner_basis, is_of_several(o.evidence), 3, 4, n.is_renewed
), owners AS (                          -- one certificate tells whose all of its basis are
    SELECT l.owner_basis, o.owner
    FROM (SELECT owner_basis, min(one) AS one FROM lived WHERE one IS NOT NULL GROUP BY 1) l
    JOIN owned_place p ON p.certificate = l.one JOIN owner_basis o ON o.id = p.owner_basis
    GROUP BY 1, 2
), owned AS (
    SELECT true AS is_total, NULL AS owner, l.life, l.is_automatic, l.is_renewed, l.count FROM lived l
    UNION ALL
    SELECT false, o.owner, l.life, l.is_automatic, l.is_renewed, l.count
    FROM lived l LEFT JOIN owner_basis o ON o.id = l.owner_basis WHERE l.one IS NULL
    UNION ALL
    SELECT false, o.owner, l.life, l.is_automatic, l.is_renewed, l.count FROM owners o JOIN lived l USING (owner_basis)
), line AS (                            -- as owner_count and now_count have it
    SELECT o.is_total, o.owner, sum(r.lasting) AS lasting, sum(r.automatic) AS automatic, sum(r.presumed) AS presumed, sum(r.by_hand) AS by_hand, sum(r.renewed) AS renewed,
           sum(r.a_year) AS a_year, sum(r.a_year_398) AS a_year_398, sum(r.a_year_200) AS a_year_200, sum(r.a_year_100) AS a_year_100,
           sum(r.a_year_47) AS a_year_47, sum(r.by_hand_47) AS by_hand_47
    FROM owned o CROSS JOIN LATERAL renewals_of(o.life, o.is_automatic, o.is_renewed, o.count) r
    WHERE o.is_total OR $1::jsonb->>'owner' IS NULL OR lower(o.owner) = lower($1::jsonb->>'owner') OR ($1::jsonb->>'owner' = '' AND o.owner IS NULL)
    GROUP BY o.is_total, o.owner
    UNION ALL
    (SELECT false, owner, lasting, automatic, presumed, by_hand, renewed, a_year, a_year_398, a_year_200, a_year_100, a_year_47, by_hand_47
     FROM owner_count WHERE lasting > 0 AND (SELECT is_kept FROM kept)
     ORDER BY a_year_47 DESC, owner LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END)
    UNION ALL
    SELECT true, NULL, sum(count) FILTER (WHERE value = 'lasting'), coalesce(sum(count) FILTER (WHERE value = 'automatic'), 0),
           coalesce(sum(count) FILTER (WHERE value = 'presumed'), 0),
           coalesce(sum(count) FILTER (WHERE value = 'by hand'), 0), coalesce(sum(count) FILTER (WHERE value = 'renewed'), 0),
           sum(count) FILTER (WHERE value = 'a year'), sum(count) FILTER (WHERE value = 'a year 398'), sum(count) FILTER (WHERE value = 'a year 200'),
           sum(count) FILTER (WHERE value = 'a year 100'), sum(count) FILTER (WHERE value = 'a year 47'), coalesce(sum(count) FILTER (WHERE value = 'by hand 47'), 0)
    FROM now_count WHERE site = 0 AND subject = 'of all owners' AND (SELECT is_kept FROM kept)
    HAVING count(*) FILTER (WHERE value = 'lasting') > 0
)
SELECT * FROM (
SELECT CASE WHEN is_total THEN '(all)' ELSE owner_shown(owner) END AS owner, lasting AS certificate_count, automatic AS automatic_count, by_hand AS by_hand_count,
       lasting - automatic - presumed - by_hand AS unknown_count, renewed AS renewed_count, round(a_year / 1e6) AS a_year,
           round(a_year_398 / 1e6) AS a_year_398, round(a_year_200 / 1e6) AS a_year_200,
       round(a_year_100 / 1e6) AS a_year_100, round(a_year_47 / 1e6) AS a_year_47, round(by_hand_47 / 1e6) AS by_hand_47, presumed AS presumed_count, is_total,
       a_year_47 AS urgency, owner IS NULL AS is_nobody
FROM line
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, is_total DESC, urgency DESC, is_nobody, owner LIMIT $2::bigint
