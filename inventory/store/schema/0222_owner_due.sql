-- Of each owner (NULL: nobody) what runs keep of it, without those of whom nothing is due.
CREATE VIEW owner_due AS
    SELECT false AS is_total, owner, due_overdue AS overdue, due_week AS week, due_month AS month, due_two_months AS two_months, due_three_months AS three_months
    FROM owner_count WHERE due_overdue + due_week + due_month + due_two_months + due_three_months > 0;

-- What a certificate, or so many alike, adds to the sums of renewals: those of owner_count, and of now_count's subject 'of all owners'. life: NULL, if it will
-- not be renewed. (Inlined where it is joined.)
CREATE FUNCTION renewals_of(life interval, is_automatic boolean, is_renewed boolean, count bigint)
RETURNS TABLE (lasting bigint, automatic bigint, presumed bigint, by_hand bigint, renewed bigint, a_year bigint, a_year_398 bigint, a_year_200 bigint, a_year_100 bigint,
               a_year_47 bigint, by_hand_47 bigint) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT l.lasting, CASE WHEN w.way = 'automatic' THEN l.lasting ELSE 0 END, CASE WHEN w.way = 'presumed' THEN l.lasting ELSE 0 END,
           CASE WHEN w.way = 'by hand' THEN l.lasting ELSE 0 END,
           CASE WHEN is_renewed THEN l.lasting ELSE 0 END,
           l.lasting * renewals_a_year(d.days, 'infinity'), l.lasting * renewals_a_year(d.days, 398), l.lasting * renewals_a_year(d.days, 200),
           l.lasting * renewals_a_year(d.days, 100), l.lasting * renewals_a_year(d.days, 47),
           CASE WHEN w.way IN ('automatic', 'presumed') THEN 0 ELSE l.lasting * renewals_a_year(d.days, 47) END
    FROM (SELECT CASE WHEN life IS NULL THEN 0 ELSE count END AS lasting) l
    CROSS JOIN LATERAL renewal_days(life) d (days)
    CROSS JOIN LATERAL (SELECT renewal_way(is_automatic, d.days, is_renewed) AS way) w
$$;

-- What each owner has of what the filter wants, what it shares included (shared: how much of it): for ownership.sql where runs have not kept that. In
-- plpgsql, so that it is not planned where they have: workers would be started to find nothing. Counted by owner, or set of them, first, of which
-- one certificate tells whose it is.
CREATE FUNCTION owners_counted(filter jsonb, near bigint[], is_kept boolean)
RETURNS TABLE (owner text, certificates bigint, shared bigint, served bigint, unmanaged bigint, expired bigint, expiring bigint,
               grave bigint, severity_rank smallint, next_end timestamptz)
LANGUAGE plpgsql STABLE ROWS 200 AS $$
#variable_conflict use_column
BEGIN
    IF is_kept THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH alike AS MATERIALIZED (
        SELECT o.owner, CASE WHEN is_of_several(o.evidence) THEN n.owner_basis END AS several, CASE WHEN is_of_several(o.evidence) THEN min(n.certificate) END AS one,
               count(*) AS certificates, count(*) FILTER (WHERE n.place_count > 0) AS served,
               count(*) FILTER (WHERE n.record = 'unmanaged' AND n.place_count > 0) AS unmanaged,
               count(*) FILTER (WHERE n.time = 'expired') AS expired, count(*) FILTER (WHERE n.time IN ('expiring', 'renewal due')) AS expiring,
               count(*) FILTER (WHERE n.severity_rank <= 2) AS grave, min(n.severity_rank) AS severity_rank,
               min(n.not_after) FILTER (WHERE n.ends_at >= r.as_of) AS next_end
        FROM certificates_wanted(filter, near) n
        CROSS JOIN report_as_of r
        LEFT JOIN owner_basis o ON o.id = n.owner_basis
        WHERE n.is_leaf
        GROUP BY o.owner, 2, is_of_several(o.evidence)
    ), member AS (
        SELECT a.several, o.owner
        FROM alike a JOIN owned_place p ON p.certificate = a.one JOIN owner_basis o ON o.id = p.owner_basis
        GROUP BY a.several, o.owner
    ), spread AS (
        SELECT a.owner, 0::bigint AS shared, a.certificates, a.served, a.unmanaged, a.expired, a.expiring, a.grave, a.severity_rank, a.next_end
        FROM alike a WHERE a.one IS NULL
        UNION ALL
        SELECT m.owner, a.certificates, a.certificates, a.served, a.unmanaged, a.expired, a.expiring, a.grave, a.severity_rank, a.next_end
        FROM alike a JOIN member m USING (several)
    )
    SELECT s.owner, sum(s.certificates)::bigint, sum(s.shared)::bigint, sum(s.served)::bigint, sum(s.unmanaged)::bigint, sum(s.expired)::bigint,
           sum(s.expiring)::bigint, sum(s.grave)::bigint, min(s.severity_rank), min(s.next_end)
    FROM spread s
    WHERE filter->>'owner' IS NULL OR lower(s.owner) = lower(filter->>'owner') OR (filter->>'owner' = '' AND s.owner IS NULL)
    GROUP BY s.owner;
END $$;

-- Likewise, how many of the places that the filter wants each owner has.
CREATE FUNCTION owners_placed(filter jsonb, is_kept boolean) RETURNS TABLE (owner text, places bigint) LANGUAGE plpgsql STABLE ROWS 200 AS $$
#variable_conflict use_column
BEGIN
    IF is_kept THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT o.owner, count(DISTINCT j.endpoint)
    FROM places_wanted(filter, NULL) j LEFT JOIN owner_basis o ON o.id = j.owner_basis
    GROUP BY o.owner;
END $$;

-- Is something owned by this rule or record now? Rows of rules no longer in force stay. Each look-up by its index: the planner takes a basis for one of the
-- few that have a thousand places, and reads the table until it meets one.
CREATE FUNCTION is_basis_used(basis bigint) RETURNS boolean LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
    RETURN EXISTS (SELECT FROM certificate_now n WHERE n.owner_basis = basis) OR EXISTS (SELECT FROM endpoint_judged j WHERE j.owner_basis = basis)
        OR EXISTS (SELECT FROM file_judged f WHERE f.owner_basis = basis) OR EXISTS (SELECT FROM record_judged r WHERE r.owner_basis = basis)
        OR EXISTS (SELECT FROM key_judged k WHERE k.owner_basis = basis);
END $$;
