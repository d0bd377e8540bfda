-- Can it be adopted? Only what another CA issued takes a licence: one of an own CA has its record in that CA's account, and a self-signed one is
-- of none.
CREATE FUNCTION is_adoptable(issuer_kind text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(issuer_kind NOT IN ('own', 'self-signed'), false)
$$;

-- Do the conditions of a decision's filter hold of this certificate? Tests the certificate's own columns first; looks up places, owners and rules
-- only if the filter names them.
CREATE FUNCTION filter_means(f decision_filter, n certificate_now) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT n.is_leaf
       AND (f.sha256_like IS NULL OR encode(n.sha256, 'hex') LIKE f.sha256_like)
       AND (f.record IS NULL OR n.record = f.record)
       AND (f.issuer_kind IS NULL OR n.issuer = f.issuer_kind)
       AND (f.time IS NULL OR n.time = f.time)
       AND (f.rule IS NULL OR f.rule = ANY (n.rules))
       AND (f.name_like IS NULL OR n.name ILIKE f.name_like
            OR EXISTS (SELECT FROM certificate_own o, unnest(o.name_set) name WHERE o.certificate = n.certificate AND name ILIKE f.name_like))
       AND (f.issuer_like IS NULL OR n.issuer_name ILIKE f.issuer_like
            OR EXISTS (SELECT FROM certificate_own o JOIN profile p ON p.id = o.profile
                       WHERE o.certificate = n.certificate AND p.issuer ILIKE '%' || f.issuer_like || '%'))
       AND (f.owner_like IS NULL
            OR EXISTS (SELECT FROM owner_basis b WHERE b.id = n.owner_basis AND b.owner ILIKE f.owner_like)
            OR EXISTS (SELECT FROM endpoint_judged j JOIN owner_basis b ON b.id = j.owner_basis
                       WHERE j.certificate = n.certificate AND b.owner ILIKE f.owner_like))
       AND (f.site IS NULL OR f.host IS NOT NULL
            OR EXISTS (SELECT FROM endpoint_judged j JOIN site s ON s.id = j.site WHERE j.certificate = n.certificate AND s.name = f.site))
       AND (f.network IS NULL
            OR EXISTS (SELECT FROM endpoint_judged j JOIN endpoint e ON e.id = j.endpoint
                       WHERE j.certificate = n.certificate AND e.address <<= f.network AND (f.port IS NULL OR e.port = f.port)
                         AND (f.server_name IS NULL OR e.server_name = f.server_name)
                         AND (f.site IS NULL OR EXISTS (SELECT FROM site s WHERE s.id = j.site AND s.name = f.site))))
       AND (f.host IS NULL
            OR EXISTS (SELECT FROM file_judged j JOIN file_place p ON p.id = j.place
                       WHERE j.certificate = n.certificate AND p.host = f.host AND p.path = f.path
                         AND (f.site IS NULL OR EXISTS (SELECT FROM site s WHERE s.id = j.site AND s.name = f.site))))
$$;
-- And can it be decided so?
CREATE FUNCTION filter_finds(f decision_filter, n certificate_now) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT (f.kind <> 'adopt' OR is_adoptable(n.issuer)) AND filter_means(f, n)
$$;

-- The zone in which people mean days today: that of the policy in use. (Verdicts have their days in that of the policy that judged.)
CREATE FUNCTION zone_meant() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce((SELECT nullif(document ->> 'zone', '') FROM policy_current), 'UTC')
$$;
-- The last moment of a decision, as it is given: a day is meant whole. The day that people read is of the same zone.
CREATE FUNCTION decision_until(given text) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN given ~ '^\d{4}-\d\d-\d\d$'
                THEN (given::date + time '23:59:59') AT TIME ZONE zone_meant()
                ELSE given::timestamptz END
$$;
CREATE FUNCTION decision_last_day(until timestamptz) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (until AT TIME ZONE zone_meant())::date
$$;
