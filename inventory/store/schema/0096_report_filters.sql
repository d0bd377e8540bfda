-- Filters of reports. A filter is one JSON object; a missing key does not restrict:
--
--     {"site": "east", "owner": "Web team", "issuer": "sectigo", "network": "10.0.0.0/8", "port": 443, "name": "*.example",
--      "rule": ["K02"], "severity": ["high"], "kind": "server", "source": "ca-account",
--      "within": 30, "due": [0, 7]}
-- The owner '' is nobody: that is what --owner none asks for (report_filter.c), so that an owner may be called so. An owner is never a set of owners
-- ("shared by A; B"), even where one is called like one.
--  The functions below are inlined into the statement that calls them with the filter as a constant, so a condition that is not
-- asked for costs nothing and indexes keep their order. `near` holds all ids that can match, if they are few (report_near.sql),
-- or is NULL; it only helps the planner.

CREATE INDEX certificate_now_owner ON certificate_now (owner_basis, ends_at);
CREATE INDEX certificate_now_list ON certificate_now (ends_at, sha256) WHERE is_leaf;
CREATE INDEX certificate_now_urgent ON certificate_now (owner_basis) WHERE is_leaf AND (severity_rank <= 2 OR time IN ('expired', 'expiring'));
CREATE INDEX endpoint_judged_owner ON endpoint_judged (owner_basis);
CREATE INDEX owner_basis_owner ON owner_basis (lower(owner));

-- How the owners of a certificate's places are called together: "shared by A; B" alone reads like the name of one.
CREATE FUNCTION owners_together(names text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 'shared by ' || names
$$;

-- The names in such a text, with its first words or without, in small letters and in one order, whatever the text's.
CREATE FUNCTION owners_named(names text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT n ORDER BY n) FROM regexp_split_to_table(regexp_replace(lower(btrim(names)), '^shared by\s+', ''), '\s*;\s*') n
    WHERE n <> ''
$$;

-- Is it the owners of a certificate's places together ("shared by A; B"), not one of them? Of owner_basis.evidence.
CREATE FUNCTION is_of_several(evidence text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(evidence = 'the owners of its places', false)
$$;

-- Whole days from one moment to another, toward zero: what ended an hour ago ended 0 days ago, not 1.
CREATE FUNCTION days_between(from_at timestamptz, until_at timestamptz) RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT trunc(date_part('epoch', until_at - from_at) / 86400)::integer
$$;

-- Names of certificates, by a whole name or with * and ?: "*.example" finds "www.example" and "*.example".
CREATE FUNCTION named_certificates(pattern text) RETURNS TABLE (certificate bigint) LANGUAGE sql STABLE AS $$
    SELECT c.certificate FROM certificate_name c WHERE pattern !~ '[*?]' AND c.name = lower(pattern)
    UNION ALL
    SELECT c.certificate FROM certificate_name c WHERE pattern ~ '[*?]' AND lower(c.name) LIKE glob_like(lower(pattern))
$$;

-- Findings by rule and severity alone. Rules without a severity are looked up below each of the five.
CREATE FUNCTION findings_ruled(filter jsonb) RETURNS SETOF finding LANGUAGE sql STABLE AS $$
    SELECT f.* FROM finding f
    WHERE (NOT filter ?| '{rule,severity}'
           OR f.severity_rank = ANY (ARRAY(SELECT s.rank FROM severity s
                                           WHERE filter->'severity' IS NULL OR filter->'severity' ? s.name)))
      AND (filter->'rule' IS NULL OR f.rule = ANY (ARRAY(SELECT upper(jsonb_array_elements_text(filter->'rule')))))
$$;

-- The first end of a certificate for which renewal_term.ask_by is that day or later. ask_by rises with the end, so a list of what is due is a
-- range of an index.
CREATE FUNCTION due_end_on(asked date, by_whom text) RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN t.day_ends_at < t.day_starts_at THEN (y.last_day + 1)::timestamp        -- whatever ends on a day ends before its work begins
                    ELSE y.last_day + coalesce(t.day_starts_at, '08:00') END AT TIME ZONE coalesce(t.zone, 'UTC')
        FROM (VALUES (1)) one (n) LEFT JOIN policy_term t ON true
        CROSS JOIN LATERAL (
            SELECT CASE WHEN by_whom = 'service' THEN coalesce(nullif(t.lead_service, 0), nullif(t.lead_customer, 0)) ELSE nullif(t.lead_customer, 0) END
                   + t.change_lead AS lead) x
        LEFT JOIN LATERAL (SELECT b.number FROM business_day b WHERE b.is_business AND b.day >= asked ORDER BY b.day LIMIT 1) first ON true
        LEFT JOIN business_day last ON last.is_business AND last.number = first.number + x.lead
        CROSS JOIN LATERAL (SELECT coalesce(last.day, asked + coalesce(t.lead_time_days, 14)) AS last_day) y);
END $$;

-- The same for a day that is so many days from the moment of judging. NULL: before all others.
CREATE FUNCTION due_end(days integer, by_whom text) RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    IF days IS NULL THEN
        RETURN '-infinity';
    END IF;
    RETURN due_end_on((SELECT today FROM report_today) + days, by_whom);
END $$;

-- Who installs by the policy, and who the other one is.
CREATE FUNCTION due_usual() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce((SELECT installed_by FROM policy_term), 'customer')
$$;
CREATE FUNCTION due_other() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE due_usual() WHEN 'service' THEN 'customer' ELSE 'service' END
$$;

CREATE FUNCTION certificates_wanted(filter jsonb, near bigint[]) RETURNS SETOF certificate_now LANGUAGE sql STABLE AS $$
    SELECT n.* FROM certificate_now n
    WHERE (near IS NULL OR n.certificate = ANY (near))
      AND (filter->>'owner' IS NULL
           OR CASE WHEN filter->>'owner' = '' THEN n.owner_basis IS NULL
                   ELSE n.owner_basis = ANY (ARRAY(SELECT id FROM owner_basis WHERE lower(owner) = lower(filter->>'owner') AND NOT is_of_several(evidence)))
                        OR n.certificate IN (SELECT j.certificate FROM endpoint_judged j
                                             WHERE j.owner_basis = ANY (ARRAY(SELECT id FROM owner_basis
                                                                              WHERE lower(owner) = lower(filter->>'owner') AND NOT is_of_several(evidence)))
                                             UNION ALL
                                             SELECT j.certificate FROM file_judged j
                                             WHERE j.owner_basis = ANY (ARRAY(SELECT id FROM owner_basis
                                                                              WHERE lower(owner) = lower(filter->>'owner') AND NOT is_of_several(evidence)))) END)
      AND (filter->>'site' IS NULL
           OR EXISTS (SELECT FROM endpoint_judged j
                      WHERE j.certificate = n.certificate AND j.site = (SELECT id FROM site WHERE name = filter->>'site'))
           OR EXISTS (SELECT FROM file_judged j
                      WHERE j.certificate = n.certificate AND j.site = (SELECT id FROM site WHERE name = filter->>'site')))
      AND (NOT filter ?| '{network,port}'               -- at one place, and that of the site
           OR EXISTS (SELECT FROM endpoint_judged j JOIN endpoint e ON e.id = j.endpoint
                      WHERE j.certificate = n.certificate
                        AND (filter->>'site' IS NULL OR j.site = (SELECT id FROM site WHERE name = filter->>'site'))
                        AND (filter->>'network' IS NULL OR e.address <<= (filter->>'network')::inet)
                        AND (filter->>'port' IS NULL OR e.port = (filter->>'port')::integer)))
      AND (filter->>'issuer' IS NULL
           OR n.issuer_name ILIKE '%' || glob_like(filter->>'issuer') || '%'
           OR EXISTS (SELECT FROM certificate_own o JOIN profile p ON p.id = o.profile
                      WHERE o.certificate = n.certificate AND p.issuer ILIKE '%' || glob_like(filter->>'issuer') || '%'))
      AND (filter->>'kind' IS NULL
           OR EXISTS (SELECT FROM certificate_own o JOIN profile p ON p.id = o.profile
                      WHERE o.certificate = n.certificate AND p.kinds @> ARRAY[lower(filter->>'kind')]))
      AND (filter->>'within' IS NULL
           OR (n.ends_at >= (SELECT as_of FROM report_as_of)
               AND n.ends_at < (SELECT as_of FROM report_as_of) + make_interval(days => (filter->>'within')::integer)))
      AND (filter->'due' IS NULL                        -- served, and its last safe day is from so many days to so many days from now
           OR (n.place_count > 0
               -- the sub-SELECTs make a bound that is found once, and by which an index is read
               AND n.ends_at < (SELECT greatest(due_end((filter->'due'->>1)::integer + 1, due_usual()),
                                                due_end((filter->'due'->>1)::integer + 1, due_other())))
               AND n.ends_at >= (SELECT least(due_end((filter->'due'->>0)::integer, due_usual()),
                                              due_end((filter->'due'->>0)::integer, due_other())))
               AND CASE WHEN n.record = 'managed' AND n.record_id IN (
                                 SELECT m.id FROM policy_term t JOIN managed_record m ON m.installer <> ''
                                 AND installed_by(m.installer, t.installed_by, t.service_installers) <> t.installed_by)
                        THEN n.ends_at < (SELECT due_end((filter->'due'->>1)::integer + 1, due_other()))
                             AND n.ends_at >= (SELECT due_end((filter->'due'->>0)::integer, due_other()))
                        ELSE n.ends_at < (SELECT due_end((filter->'due'->>1)::integer + 1, due_usual()))
                             AND n.ends_at >= (SELECT due_end((filter->'due'->>0)::integer, due_usual())) END))
      AND (filter->>'name' IS NULL OR n.certificate IN (SELECT c.certificate FROM named_certificates(filter->>'name') c))
      AND (filter->>'source' IS NULL
           OR n.record_id IN (SELECT r.id FROM managed_record r JOIN managed_source s ON s.id = r.source
                              WHERE s.name = filter->>'source'))
      AND (NOT filter ?| '{rule,severity}'              -- of it, or of a place that serves it
           OR n.certificate IN (SELECT f.certificate FROM findings_ruled(filter) f WHERE f.certificate <> 0
                                UNION ALL
                                SELECT j.certificate FROM findings_ruled(filter) f JOIN endpoint_judged j USING (endpoint)
                                WHERE f.certificate = 0))
$$;

-- Each leaf at each place that serves it. The owner is the place's; a name may be the certificate's or the server name asked.
CREATE FUNCTION places_wanted(filter jsonb, near bigint[]) RETURNS SETOF endpoint_judged LANGUAGE sql STABLE AS $$
    SELECT j.* FROM endpoint_judged j
    WHERE (near IS NULL OR j.endpoint = ANY (near))
      AND (filter->>'site' IS NULL OR j.site = (SELECT id FROM site WHERE name = filter->>'site'))
      AND (NOT filter ?| '{network,port}'
           OR EXISTS (SELECT FROM endpoint e
                      WHERE e.id = j.endpoint
                        AND (filter->>'network' IS NULL OR e.address <<= (filter->>'network')::inet)
                        AND (filter->>'port' IS NULL OR e.port = (filter->>'port')::integer)))
      AND (filter->>'owner' IS NULL
           OR CASE WHEN filter->>'owner' = '' THEN j.owner_basis IS NULL
                   ELSE j.owner_basis = ANY (ARRAY(SELECT id FROM owner_basis WHERE lower(owner) = lower(filter->>'owner') AND NOT is_of_several(evidence))) END)
      AND (filter->>'name' IS NULL
           OR j.certificate IN (SELECT c.certificate FROM named_certificates(filter->>'name') c)
           OR EXISTS (SELECT FROM endpoint e
                      WHERE e.id = j.endpoint AND lower(e.server_name) LIKE glob_like(lower(filter->>'name'))))
      AND (NOT filter ?| '{issuer,kind,source,within,due}'
           OR j.certificate IN (SELECT n.certificate FROM certificates_wanted(filter - '{site,network,port,owner,name,rule,severity}'::text[], NULL) n))
      AND (NOT filter ?| '{rule,severity}'
           OR j.certificate IN (SELECT f.certificate FROM findings_ruled(filter) f WHERE f.endpoint = 0)
           OR j.endpoint IN (SELECT f.endpoint FROM findings_ruled(filter) f WHERE f.certificate = 0)
           OR (j.endpoint, j.certificate) IN (SELECT f.endpoint, f.certificate FROM findings_ruled(filter) f
                                              WHERE f.endpoint <> 0 AND f.certificate <> 0))
$$;

-- Findings: one about an endpoint is filtered by the endpoint, any other by the certificate at any of its places. A key that all may read (K21) is
-- told to the owner of its file, too, who has no other finding by it.
CREATE FUNCTION findings_wanted(filter jsonb, near_certificates bigint[], near_endpoints bigint[]) RETURNS SETOF finding
LANGUAGE sql STABLE AS $$
    SELECT f.* FROM findings_ruled(filter) f
    WHERE (near_certificates IS NULL OR f.certificate = ANY (near_certificates) OR f.endpoint = ANY (near_endpoints))
      AND (NOT filter ?| '{site,network,port}'
           OR CASE WHEN f.endpoint <> 0
                   THEN EXISTS (SELECT FROM endpoint e
                                WHERE e.id = f.endpoint
                                  AND (filter->>'site' IS NULL OR e.site = (SELECT id FROM site WHERE name = filter->>'site'))
                                  AND (filter->>'network' IS NULL OR e.address <<= (filter->>'network')::inet)
                                  AND (filter->>'port' IS NULL OR e.port = (filter->>'port')::integer))
                   ELSE EXISTS (SELECT FROM endpoint_judged j JOIN endpoint e ON e.id = j.endpoint
                                WHERE j.certificate = f.certificate
                                  AND (filter->>'site' IS NULL OR j.site = (SELECT id FROM site WHERE name = filter->>'site'))
                                  AND (filter->>'network' IS NULL OR e.address <<= (filter->>'network')::inet)
                                  AND (filter->>'port' IS NULL OR e.port = (filter->>'port')::integer))
                        OR (NOT filter ?| '{network,port}'
                            AND (EXISTS (SELECT FROM file_judged j
                                         WHERE j.certificate = f.certificate AND j.site = (SELECT id FROM site WHERE name = filter->>'site'))
                                 OR EXISTS (SELECT FROM site_ca j            -- of a CA above what the site serves
                                            WHERE j.certificate = f.certificate AND j.site = (SELECT id FROM site WHERE name = filter->>'site')))) END)
      AND (NOT filter ?| '{owner,issuer,name,kind,source,within,due}'
           OR CASE WHEN f.endpoint = 0
                   THEN f.certificate IN (SELECT n.certificate FROM certificates_wanted(filter - '{site,network,port,rule,severity}'::text[], near_certificates) n)
                        OR (f.rule = 'K21' AND filter ? 'owner'
                            AND f.certificate IN (SELECT k.certificate FROM key_judged k
                                                  WHERE CASE WHEN filter->>'owner' = '' THEN k.owner_basis IS NULL
                                                             ELSE k.owner_basis = ANY (ARRAY(SELECT id FROM owner_basis
                                                                                             WHERE lower(owner) = lower(filter->>'owner')
                                                                                               AND NOT is_of_several(evidence))) END)
                            AND f.certificate IN (SELECT n.certificate
                                                  FROM certificates_wanted(filter - '{site,network,port,owner,rule,severity}'::text[],
                                                                           near_certificates) n))
                   WHEN f.certificate = 0
                   THEN f.endpoint IN (SELECT p.endpoint FROM places_wanted(filter - '{site,network,port,rule,severity}'::text[], near_endpoints) p)
                   ELSE (f.endpoint, f.certificate)
                        IN (SELECT p.endpoint, p.certificate FROM places_wanted(filter - '{site,network,port,rule,severity}'::text[], near_endpoints) p) END)
$$;

-- Those of them that ask for something: not about what is over and served nowhere.
CREATE FUNCTION findings_asking(filter jsonb) RETURNS SETOF finding LANGUAGE sql STABLE AS $$
    SELECT f.* FROM findings_wanted(filter, NULL, NULL) f
    LEFT JOIN certificate_now n ON n.certificate = f.certificate AND f.endpoint = 0
    WHERE NOT is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)
$$;
-- And the others.
CREATE FUNCTION findings_over(filter jsonb) RETURNS SETOF finding LANGUAGE sql STABLE AS $$
    SELECT f.* FROM findings_wanted(filter, NULL, NULL) f JOIN certificate_now n ON n.certificate = f.certificate
    WHERE f.endpoint = 0 AND is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)
$$;

-- Does a list read so many rows that tables are better read whole than looked up? Of its parameters: rows, column to sort by, ids that can be wanted.
CREATE FUNCTION is_whole_list(rows bigint, sort_up text, sort_down text, near bigint[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (rows IS NULL OR coalesce(sort_up, sort_down) IS NOT NULL) AND near IS NULL
$$;

-- What a line of a list is sorted by, of its columns as one object. NULL, and so last in either direction (DESC NULLS LAST): it has no value there. One
-- mention of the object, or the function would not be inlined; without a column to sort by there is nothing to compute.
CREATE FUNCTION sort_value(line jsonb, sort_column text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT nullif(nullif(line -> sort_column, 'null'), '""')
$$;

-- How many leaves end in a span of time: whole hours as runs count them, and what lies before and behind them.
CREATE FUNCTION leaves_ending(from_at timestamptz, until_at timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    first_hour timestamptz := date_trunc('hour', from_at, 'UTC') + interval '1 hour';
    last_hour timestamptz := date_trunc('hour', until_at, 'UTC');      -- the one after the last whole hour
BEGIN
    IF first_hour > last_hour OR NOT EXISTS (SELECT FROM ending_count) THEN
        RETURN (SELECT count(*) FROM certificate_now n WHERE n.is_leaf AND n.ends_at >= from_at AND n.ends_at < until_at);
    END IF;
    RETURN (SELECT coalesce(sum(c.count), 0) FROM ending_count c WHERE c.hour >= first_hour AND c.hour < last_hour)
           + (SELECT count(*) FROM certificate_now n WHERE n.is_leaf AND n.ends_at >= from_at AND n.ends_at < first_hour)
           + (SELECT count(*) FROM certificate_now n WHERE n.is_leaf AND n.ends_at >= last_hour AND n.ends_at < until_at);
END $$;
