-- Of each owner (NULL: nobody) what runs keep of it, without those of whom nothing is due.
CREATE VIEW owner_due AS
    SELECT false AS is_total, owner, due_overdue AS overdue, due_week AS week, due_month AS month, due_two_months AS two_months, due_three_months AS three_months
    FROM owner_count WHERE due_overdue + due_week + due_month + due_two_months + due_three_months > 0;

-- What a certificate, or so many alike, adds to the sums of renewals: those of owner_count, and of now_count's subject 'of all owners'. life: NULL, if it will
-- not be renewed. (Inlined where it is joined.)
CREATE FUNCTION renewals_of(life interval, is_automatic boolean, is_renewed boolean, count bigint)
RETURNS TABLE (lasting bigint, automatic bigint, by_hand bigint, renewed bigint, a_year bigint, a_year_398 bigint, a_year_200 bigint, a_year_100 bigint,
               a_year_47 bigint, by_hand_47 bigint) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT l.lasting, CASE WHEN w.way = 'automatic' THEN l.lasting ELSE 0 END, CASE WHEN w.way = 'by hand' THEN l.lasting ELSE 0 END,
           CASE WHEN is_renewed THEN l.lasting ELSE 0 END,
           l.lasting * renewals_a_year(d.days, 'infinity'), l.lasting * renewals_a_year(d.days, 398), l.lasting * renewals_a_year(d.days, 200),
           l.lasting * renewals_a_year(d.days, 100), l.lasting * renewals_a_year(d.days, 47),
           CASE WHEN w.way = 'automatic' THEN 0 ELSE l.lasting * renewals_a_year(d.days, 47) END
    FROM (SELECT CASE WHEN life IS NULL THEN 0 ELSE count END AS lasting) l
    CROSS JOIN LATERAL renewal_days(life) d (days)
    CROSS JOIN LATERAL (SELECT renewal_way(is_automatic, d.days, is_renewed) AS way) w
$$;
