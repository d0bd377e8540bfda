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

-- Findings: one about an endpoint is filtered by the endpoint, any other by the certificate at any of its places.
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
                   WHEN f.certificate = 0
                   THEN f.endpoint IN (SELECT p.endpoint FROM places_wanted(filter - '{site,network,port,rule,severity}'::text[], near_endpoints) p)
                   ELSE (f.endpoint, f.certificate)
                        IN (SELECT p.endpoint, p.certificate FROM places_wanted(filter - '{site,network,port,rule,severity}'::text[], near_endpoints) p) END)
$$;

-- Those of them that ask for something: not about what is over and served nowhere.
CREATE FUNCTION findings_asking(filter jsonb) RETURNS SETOF finding LANGUAGE sql STABLE AS $$
    SELECT f.* FROM findings_wanted(filter, NULL, NULL) f
    LEFT JOIN certificate_now n ON n.certificate = f.certificate AND f.endpoint = 0
    WHERE NOT is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step)
$$;

-- Further columns for rows of a report, for all rows at once: few ids by indexes, many by hash joins. In plpgsql, so that each
-- call is planned for its number of ids.
-- ROWS 200: the planner takes a column without statistics for one of 200 values, so a join with 200 rows is one to one for it. With its usual
-- 1000 each join would multiply the rows by five, and the wide rows of a whole list would be sorted for merge joins.

-- Does a list read so many rows that tables are better read whole than looked up? Of its parameters: rows, column to sort by, ids that can be wanted.
CREATE FUNCTION is_whole_list(rows bigint, sort_up text, sort_down text, near bigint[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (rows IS NULL OR coalesce(sort_up, sort_down) IS NOT NULL) AND near IS NULL
$$;

-- What a line of a list is sorted by, of its columns as one object. NULL, and so last in either direction (DESC NULLS LAST): it has no value there. One
-- mention of the object, or the function would not be inlined; without a column to sort by there is nothing to compute.
CREATE FUNCTION sort_value(line jsonb, sort_column text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT nullif(nullif(line -> sort_column, 'null'), '""')
$$;

-- The first 20 of so many lines, and how many more there are. STABLE, as what it calls is: else it would not be inlined.
CREATE FUNCTION first_places(lines text, count bigint) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN count <= 20 THEN lines
           ELSE array_to_string((string_to_array(lines, E'\n'))[:20], E'\n') || E'\nand ' || count - 20 || ' more' END
$$;

-- Each place of each certificate that is served now, within the filter's site, network and port. Inlined where it is read.
CREATE FUNCTION places_named(filter jsonb)
RETURNS TABLE (certificate bigint, name text, address inet, port integer, site text, server_name text, endpoint bigint) LANGUAGE sql STABLE AS $$
    SELECT j.certificate, CASE WHEN filter->>'site' IS NULL AND site.name <> 'default' THEN site.name || ' ' ELSE '' END
           || place_text(e.address, e.port, e.server_name), e.address, e.port, site.name, e.server_name, e.id
    FROM endpoint_judged j
    JOIN endpoint e ON e.id = j.endpoint
    JOIN site ON site.id = j.site
    WHERE (filter->>'site' IS NULL OR site.name = filter->>'site')
      AND (filter->>'network' IS NULL OR e.address <<= (filter->>'network')::inet)
      AND (filter->>'port' IS NULL OR e.port = (filter->>'port')::integer)
$$;

-- Where certificates are served now, within the filter's site, network and port: a line per place, at most 20. If most certificates are asked
-- for, of all: to look for the ids would cost half as much again. A parallel worker sorts and writes half of the lines of many; it hashes for
-- itself, since a hash table that two share may be larger than the shared memory that a container has, and so more workers would not pay.
CREATE FUNCTION certificate_places(ids bigint[], filter jsonb) RETURNS TABLE (certificate bigint, places text) LANGUAGE plpgsql STABLE ROWS 200
SET max_parallel_workers_per_gather = 1 SET parallel_tuple_cost = 0.005 SET enable_parallel_hash = off AS $$
#variable_conflict use_column
BEGIN
    IF cardinality(ids) > 5000 AND are_more_than(0.5, ids, 'certificate_now') THEN
        RETURN QUERY
        SELECT l.certificate, first_places(l.lines, l.count)
        FROM (SELECT p.certificate, string_agg(p.name, E'\n') AS lines, count(*) AS count
              FROM (SELECT n.certificate, n.name FROM places_named(filter) n
                    ORDER BY n.certificate, n.address, n.port, n.site, n.server_name, n.endpoint) p
              GROUP BY p.certificate) l;
    ELSE
        RETURN QUERY
        SELECT l.certificate, first_places(l.lines, l.count)
        FROM (SELECT p.certificate, string_agg(p.name, E'\n') AS lines, count(*) AS count
              FROM (SELECT n.certificate, n.name
                    FROM (SELECT DISTINCT unnest(ids) AS certificate) u           -- DISTINCT: else all places are hashed, not the ids
                    JOIN places_named(filter) n USING (certificate)
                    ORDER BY n.certificate, n.address, n.port, n.site, n.server_name, n.endpoint) p
              GROUP BY p.certificate) l;
    END IF;
    -- Those that no endpoint serves, by the files that they lie in; not planned where all are served, as in most pages.
    IF EXISTS (SELECT FROM unnest(ids) u (certificate) WHERE NOT EXISTS (SELECT FROM endpoint_judged j WHERE j.certificate = u.certificate)) THEN
        RETURN QUERY
        SELECT p.certificate, array_to_string((array_agg(p.name))[:20], E'\n')
                              || CASE WHEN count(*) > 20 THEN E'\nand ' || count(*) - 20 || ' more' ELSE '' END
        FROM (SELECT f.certificate, CASE WHEN filter->>'site' IS NULL AND site.name <> 'default' THEN site.name || ' ' ELSE '' END
                     || f.name AS name
              FROM unnest(ids) u (certificate)
              JOIN file_certificate_now f USING (certificate)
              JOIN site ON site.id = f.site
              WHERE f.counts AND filter->>'network' IS NULL AND filter->>'port' IS NULL
                AND (filter->>'site' IS NULL OR site.name = filter->>'site')
                AND NOT EXISTS (SELECT FROM endpoint_judged j WHERE j.certificate = f.certificate)
              ORDER BY f.certificate, site.name, f.host, f.path, f.inside) p
        GROUP BY p.certificate;
    END IF;
END $$;

-- What certificate_now keeps of it, where the filter leaves all places. NULL: ask certificate_places().
CREATE FUNCTION kept_places(places text, filter jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN NOT filter ?| '{site,network,port}' THEN places END
$$;

-- The confirmations of the scan that was loaded last, block by block: most endpoints answered in it. Few rows, so that they are hashed once.
CREATE VIEW confirmation_latest AS
    SELECT f.block, f.variant, f.scan, f.last_at, f.bits
    FROM endpoint_block b JOIN confirmation f USING (block, scan) WHERE b.latest_at >= b.before_at;

-- As of an earlier day (report_until): when an endpoint last answered until then. What tells a span of time that holds the moment was true at it.
CREATE FUNCTION answered_until(the_endpoint bigint, limit_at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greatest((SELECT max(time) FROM observation WHERE endpoint = the_endpoint AND role = 1 AND time <= limit_at),
                    (SELECT max(least(last_at, limit_at)) FROM sighting WHERE endpoint = the_endpoint AND role = 1 AND first_at <= limit_at),
                    (SELECT max(least(last_at, limit_at)) FROM confirmation
                     WHERE block = the_endpoint >> 12 AND first_at <= limit_at AND get_bit(bits, (the_endpoint & 4095)::integer) = 1))
$$;

-- When endpoints last answered; ids NULL: all. Most were confirmed by the scan loaded last; only the others are looked up one by one. The planner
-- takes `<> 0` for what is true of most rows, and `= 1` for what is true of few. For many, answered_at() is written out: to begin it costs more than
-- what it looks up; and for a page, to plan that would. Most blocks were confirmed by one kind of hello.
CREATE FUNCTION endpoints_last_seen(ids bigint[]) RETURNS TABLE (endpoint bigint, last_seen timestamptz) LANGUAGE plpgsql STABLE ROWS 200 AS $$
#variable_conflict use_column
DECLARE
    limit_at timestamptz := (SELECT until FROM report_until);
BEGIN
    IF limit_at < 'infinity' THEN
        RETURN QUERY SELECT e.id, answered_until(e.id, limit_at) FROM endpoint e WHERE ids IS NULL OR e.id = ANY (ids);
        RETURN;
    END IF;
    IF ids IS NULL OR cardinality(ids) > 5000 THEN
        RETURN QUERY
        WITH latest AS MATERIALIZED (
            SELECT f.block, array_agg(f.bits ORDER BY f.last_at DESC) AS bits, array_agg(f.last_at ORDER BY f.last_at DESC) AS at
            FROM confirmation_latest f GROUP BY f.block
        )
        SELECT q.endpoint, coalesce(q.last_at, greatest((SELECT max(o.time) FROM observation o WHERE o.endpoint = q.endpoint AND o.role = 1),
                                                        (SELECT max(g.last_at) FROM sighting g WHERE g.endpoint = q.endpoint AND g.role = 1),
                                                        (SELECT max(c.last_at) FROM confirmation c
                                                         WHERE c.block = q.endpoint >> 12 AND get_bit(c.bits, (q.endpoint & 4095)::integer) = 1)))
        FROM (SELECT u.endpoint,
                     CASE WHEN get_bit(f.bits[1], (u.endpoint & 4095)::integer) <> 0 THEN f.at[1]
                          WHEN cardinality(f.bits) > 1
                          THEN (SELECT max(b.at) FROM unnest(f.bits, f.at) b (bits, at) WHERE get_bit(b.bits, (u.endpoint & 4095)::integer) <> 0) END AS last_at
              FROM (SELECT e.id FROM endpoint e WHERE ids IS NULL UNION ALL SELECT DISTINCT unnest(ids)) u (endpoint)
              LEFT JOIN latest f ON f.block = u.endpoint >> 12) q;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT u.endpoint, coalesce(max(f.last_at), answered_at(u.endpoint))
    FROM unnest(ids) u (endpoint)
    LEFT JOIN confirmation_latest f ON f.block = u.endpoint >> 12 AND get_bit(f.bits, (u.endpoint & 4095)::integer) <> 0
    GROUP BY u.endpoint;
END $$;

-- What endpoints show now, a line a certificate; ids NULL: all, of which most show one, and need no aggregate. has_unconfirmed: what nobody has
-- confirmed, too. The settings make it read an index in place of hashing every endpoint.
CREATE FUNCTION endpoints_shown(ids bigint[], has_unconfirmed boolean)
RETURNS TABLE (endpoint bigint, certificates text, deployment text, not_after timestamptz, owner_basis bigint) LANGUAGE plpgsql STABLE ROWS 200
SET enable_hashagg = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    several bigint[] := ids;
BEGIN
    IF ids IS NULL THEN
        several := ARRAY(SELECT j.endpoint FROM endpoint_judged j GROUP BY j.endpoint HAVING count(*) > 1);
        RETURN QUERY
        SELECT j.endpoint, n.name, j.deployment, n.not_after, j.owner_basis FROM endpoint_judged j JOIN certificate_now n USING (certificate)
        WHERE j.endpoint NOT IN (SELECT unnest(several));
    END IF;
    RETURN QUERY
    SELECT x.endpoint, string_agg(x.name, E'\n'), string_agg(x.deployment, E'\n'), min(x.not_after), min(x.owner_basis)
    FROM (SELECT j.endpoint, n.name, j.deployment, n.not_after, j.owner_basis, n.sha256
          FROM (SELECT DISTINCT unnest(several) AS id) u JOIN endpoint_judged j ON j.endpoint = u.id JOIN certificate_now n USING (certificate)
          UNION ALL
          SELECT u.endpoint, n.name, 'not confirmed', n.not_after, NULL, n.sha256
          FROM endpoint_unconfirmed u JOIN certificate_now n USING (certificate)
          WHERE has_unconfirmed AND u.endpoint = ANY (several)
          ORDER BY endpoint, sha256) x
    GROUP BY x.endpoint;
END $$;

-- What endpoints accept besides what they prefer: a line an item; ids NULL: all.
CREATE FUNCTION endpoints_accept(ids bigint[]) RETURNS TABLE (endpoint bigint, items text) LANGUAGE plpgsql STABLE ROWS 200 AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT c.endpoint, string_agg(c.item, E'\n' ORDER BY c.item) FROM posture_current c
    WHERE (ids IS NULL OR c.endpoint = ANY (ids)) AND c.value = 'accepted' GROUP BY c.endpoint;
END $$;

-- serving.to_at with confirmed_at() written out: a function that cannot be inlined costs ten times as much as what it looks up, and most
-- certificates of many years are served no more.
CREATE VIEW span_seen AS
    SELECT s.chain,
           greatest(s.from_at,
                    (SELECT max(o.time) FROM observation o
                     WHERE o.endpoint = s.endpoint AND o.chain = s.chain AND o.role = s.role AND o.variant = s.variant
                       AND o.peer IS NOT DISTINCT FROM s.peer AND (s.closed_at IS NULL OR o.time < s.closed_at)),
                    CASE WHEN s.variant = 8 THEN
                        (SELECT max(g.last_at) FROM sighting g
                         WHERE g.endpoint = s.endpoint AND g.chain = s.chain AND g.role = s.role
                           AND g.peer IS NOT DISTINCT FROM s.peer AND (s.closed_at IS NULL OR g.last_at < s.closed_at)) END,
                    CASE WHEN s.role = 1 AND s.peer IS NULL THEN
                        (SELECT max(f.last_at) FROM confirmation f
                         WHERE f.block = s.endpoint >> 12 AND f.variant = s.variant AND f.last_at >= s.from_at
                           AND (s.closed_at IS NULL OR f.first_at < s.closed_at)
                           AND get_bit(f.bits, (s.endpoint & 4095)::integer) = 1) END) AS to_at
    FROM answer_span s
    WHERE s.chain IS NOT NULL;

-- The same as of an earlier day: of a span that began until then.
CREATE FUNCTION span_until(s answer_span, limit_at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greatest(s.from_at,
                    (SELECT max(o.time) FROM observation o
                     WHERE o.endpoint = s.endpoint AND o.chain = s.chain AND o.role = s.role AND o.variant = s.variant
                       AND o.peer IS NOT DISTINCT FROM s.peer AND (s.closed_at IS NULL OR o.time < s.closed_at) AND o.time <= limit_at),
                    CASE WHEN s.variant = 8 THEN
                        (SELECT max(least(g.last_at, limit_at)) FROM sighting g
                         WHERE g.endpoint = s.endpoint AND g.chain = s.chain AND g.role = s.role
                           AND g.peer IS NOT DISTINCT FROM s.peer AND (s.closed_at IS NULL OR g.last_at < s.closed_at) AND g.first_at <= limit_at) END,
                    CASE WHEN s.role = 1 AND s.peer IS NULL THEN
                        (SELECT max(least(f.last_at, limit_at)) FROM confirmation f
                         WHERE f.block = s.endpoint >> 12 AND f.variant = s.variant AND f.last_at >= s.from_at AND f.first_at <= limit_at
                           AND (s.closed_at IS NULL OR f.first_at < s.closed_at)
                           AND get_bit(f.bits, (s.endpoint & 4095)::integer) = 1) END)
$$;

-- When any endpoint last showed these certificates as its own: of those that are served now, when one of these endpoints was last seen. The scan
-- loaded last confirmed most, and found some anew; what it did not, was seen at most until at_most, when the block was seen before. Only where that
-- is later is looked up one by one. How many spans that leaves cannot be told beforehand:
-- the settings keep the planner from sorting hundreds of thousands that it takes for a few.
CREATE FUNCTION certificates_last_seen(ids bigint[]) RETURNS TABLE (certificate bigint, last_seen timestamptz) LANGUAGE plpgsql STABLE ROWS 200
SET enable_sort = off SET enable_memoize = off AS $$
#variable_conflict use_column
DECLARE
    limit_at timestamptz := (SELECT until FROM report_until);
BEGIN
    IF limit_at < 'infinity' THEN
        RETURN QUERY
        SELECT u.id, (SELECT max(span_until(s, limit_at)) FROM chain c JOIN answer_span s ON s.chain = c.id WHERE c.leaf = u.id AND s.from_at <= limit_at)
        FROM (SELECT DISTINCT unnest(ids) AS id) u;
        RETURN;
    END IF;
    IF cardinality(ids) > 5000 AND are_more_than(0.15, ids, 'certificate_now') THEN     -- reads every span once, whatever it shows, and joins what is left of them with the ids last
        RETURN QUERY
        WITH latest AS MATERIALIZED (           -- a row a block, for the planner; by kind of hello (variant.id, 1 and up): what the scan loaded last confirmed, or NULL
            SELECT b.block, min(b.before_at) AS before_at, CASE WHEN bool_and(b.latest_at >= b.before_at) THEN min(b.scan) END AS scan,
                   array_agg(f.last_at ORDER BY v.id) AS at, array_agg(f.bits ORDER BY v.id) AS bits
            FROM endpoint_block b CROSS JOIN variant v
            LEFT JOIN confirmation f ON f.block = b.block AND f.variant = v.id AND f.scan = b.scan AND b.latest_at >= b.before_at
            GROUP BY b.block
        ), span AS (
            SELECT s.chain, greatest(CASE WHEN get_bit(f.bits[s.variant], (s.endpoint & 4095)::integer) <> 0 THEN f.at[s.variant] END, o.time) AS seen_at,
                   coalesce(f.before_at, 'infinity') AS before_at
            FROM answer_now s
            LEFT JOIN latest f ON f.block = s.endpoint >> 12
            LEFT JOIN (         -- what these scans found; of many scans before them only the latest is read
                SELECT o.endpoint, o.scan, o.chain, o.variant, o.time FROM observation o
                WHERE o.role = 1 AND o.peer IS NULL AND o.scan IN (SELECT b.scan FROM endpoint_block b)
                  AND o.time >= (SELECT min(n.first_at) FROM scan n WHERE n.id IN (SELECT b.scan FROM endpoint_block b))) o
                ON o.endpoint = s.endpoint AND o.scan = s.scan AND o.chain = s.chain AND o.variant = s.variant AND s.scan = f.scan
            WHERE s.closed_at IS NULL AND s.role = 1 AND s.peer IS NULL
        ), quick AS MATERIALIZED (
            SELECT chain, max(seen_at) AS last_at, max(before_at) FILTER (WHERE seen_at IS NULL) AS at_most FROM span GROUP BY chain
        )
        SELECT u.id, CASE WHEN l.last_at >= coalesce(l.at_most, '-infinity') THEN l.last_at
                          ELSE (SELECT max(s.to_at) FROM chain c JOIN span_seen s ON s.chain = c.id WHERE c.leaf = u.id) END
        FROM (SELECT DISTINCT unnest(ids) AS id) u
        LEFT JOIN (SELECT c.leaf, max(q.last_at) AS last_at, max(q.at_most) AS at_most FROM quick q JOIN chain c ON c.id = q.chain GROUP BY c.leaf) l ON l.leaf = u.id;
        RETURN;
    END IF;
    RETURN QUERY
    WITH shown AS (
        SELECT c.leaf, s.chain, s.endpoint, s.variant, s.scan, b.block, coalesce(b.before_at, 'infinity') AS before_at,
               CASE WHEN b.latest_at >= b.before_at THEN b.scan END AS latest
        FROM unnest(ids) u (id)
        JOIN chain c ON c.leaf = u.id
        JOIN answer_now s ON s.chain = c.id AND s.closed_at IS NULL AND s.role = 1 AND s.peer IS NULL
        LEFT JOIN endpoint_block b ON b.block = s.endpoint >> 12
    ), seen AS (
        SELECT s.leaf, s.before_at, greatest(f.last_at, o.time) AS seen_at
        FROM shown s
        LEFT JOIN confirmation f ON f.block = s.block AND f.variant = s.variant AND f.scan = s.latest AND get_bit(f.bits, (s.endpoint & 4095)::integer) <> 0
        LEFT JOIN observation o ON o.endpoint = s.endpoint AND o.scan = s.latest AND o.chain = s.chain AND o.variant = s.variant
                               AND o.role = 1 AND o.peer IS NULL AND s.scan = s.latest
    ), quick AS MATERIALIZED (
        SELECT leaf, max(seen_at) AS last_at, max(before_at) FILTER (WHERE seen_at IS NULL) AS at_most FROM seen GROUP BY leaf
    )
    SELECT u.id, CASE WHEN q.last_at >= coalesce(q.at_most, '-infinity') THEN q.last_at
                      ELSE (SELECT max(s.to_at) FROM chain c JOIN span_seen s ON s.chain = c.id WHERE c.leaf = u.id) END
    FROM unnest(ids) u (id) LEFT JOIN quick q ON q.leaf = u.id;
END $$;

-- One member of a plan as text, a list as lines. Plans come from bundles, which are foreign input: anything but an object has no members.
CREATE FUNCTION plan_member(plan text, member text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE jsonb_typeof(plan::jsonb -> member)
        WHEN 'array' THEN (SELECT string_agg(left(item, 200), E'\n')
                           FROM (SELECT item FROM jsonb_array_elements_text(plan::jsonb -> member) item LIMIT 20) i)
        ELSE nullif(plan::jsonb ->> member, '') END;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN NULL;
END $$;

-- The ports that a scan asked beside those that its targets name (host.example:2525), a line for each set; NULL: none. What a list of
-- targets (@FILE) names is not in the plan: there the space says it, which has no names.
CREATE FUNCTION ports_asked(plan text, space text, has_names boolean) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p.ports IS NULL THEN NULL
                WHEN t.is_bare OR (t.is_list AND (has_names OR space = '')) OR strpos(E'\n' || space, E'\nports ' || p.ports || E'\n') > 0 THEN 'ports ' || p.ports
                WHEN t.is_list
                THEN (SELECT string_agg(DISTINCT m.line[1], E'\n') FROM (SELECT line FROM regexp_matches(space, '(?n)^(ports .*)$', 'g') line LIMIT 20) m) END
    FROM (SELECT plan_member(plan, 'ports') AS ports) p
    CROSS JOIN LATERAL (
        SELECT coalesce(bool_or(NOT w.is_list AND NOT w.has_ports), true) AS is_bare, coalesce(bool_or(w.is_list), false) OR count(*) >= 20 AS is_list
        FROM (SELECT word ~ '^@|[\s#]' AS is_list,
                     word ~ '^([^],:[]+|([^],:[]+@)?\[[^],[]+\]):(@[a-z]+|[0-9]+(-[0-9]+)?)(,(@[a-z]+|[0-9]+(-[0-9]+)?))*$' AS has_ports
              FROM string_to_table(plan_member(plan, 'targets'), E'\n') word) w) t
$$;

-- Quotes a word for the shell.
CREATE FUNCTION shell_word(word text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN word ~ '^[A-Za-z0-9._/@:+-]+$' THEN word ELSE '''' || replace(word, '''', '''\''''') || '''' END
$$;

-- An owner as --owner takes it: what is called like nobody, or begins like a name that is quoted so, behind "=".
CREATE FUNCTION owner_word(owner text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN coalesce(owner, '') = '' THEN 'none' WHEN lower(owner) = 'none' OR owner LIKE '=%' THEN shell_word('=' || owner) ELSE shell_word(owner) END
$$;

-- An owner as rows and pages show it, nobody as "(nobody)": who is really called so, or by another word that means nobody or
-- all, stands in quotes, as a name that begins with one does.
CREATE FUNCTION owner_shown(owner text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN coalesce(owner, '') = '' THEN '(nobody)'
                WHEN lower(owner) IN ('(nobody)', 'nobody', 'nobody named yet', '(all)', 'all', 'all owners') OR owner LIKE '"%' THEN '"' || owner || '"' ELSE owner END
$$;

-- Converts a decimal number to hexadecimal; NULL for anything else.
CREATE FUNCTION decimal_hex(digits text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    rest numeric;
    hex text := '';
BEGIN
    IF digits !~ '^[0-9]{1,60}$' THEN
        RETURN NULL;
    END IF;
    rest := digits::numeric;
    WHILE rest > 0 LOOP
        hex := substr('0123456789abcdef', mod(rest, 16)::integer + 1, 1) || hex;
        rest := div(rest, 16);
    END LOOP;
    RETURN hex;
END $$;

-- The first bytes that hexadecimal text can begin with (fill '0') or the last ones (fill 'f'), of 32.
CREATE FUNCTION hex_bound(hex text, fill text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN hex ~ '^[0-9a-f]{1,64}$' THEN decode(rpad(hex, 64, fill), 'hex') END
$$;

-- Certificates by anything that names one: the beginning of a SHA-256 of it or its key, its SHA-1, serial number (hexadecimal in
-- any spelling, or decimal), a name, a name with * and ?. Each way walks an index. Four or five digits may be a word: a name goes first.
CREATE FUNCTION certificates_found(what text) RETURNS TABLE (certificate bigint, matched_by text) LANGUAGE plpgsql STABLE ROWS 10 AS $$
#variable_conflict use_column
DECLARE
    hex text := lower(btrim(what));
    low bytea;
    high bytea;
    the_sha1 bytea;
    serials text[] := CASE WHEN hex ~ '^[0-9]+$' THEN array_remove(ARRAY[decimal_hex(hex)], NULL) ELSE '{}' END;
BEGIN
    IF hex ~ '[: x-]' THEN
        hex := regexp_replace(regexp_replace(hex, '^0x', ''), '[: -]', '', 'g');
    END IF;
    IF hex ~ '^[0-9a-f]{6,}$' OR (hex ~ '^[0-9a-f]{4,5}$' AND NOT EXISTS (SELECT FROM named_certificates(what))) THEN
        serials := array_append(serials, nullif(ltrim(hex, '0'), ''));
        low := hex_bound(hex, '0');
        high := hex_bound(hex, 'f');
        IF length(hex) = 40 THEN
            the_sha1 := decode(hex, 'hex');
        END IF;
    ELSIF serials = '{}' THEN
        RETURN QUERY SELECT DISTINCT n.certificate, 'name' FROM named_certificates(what) n ORDER BY n.certificate;
        RETURN;
    END IF;
    RETURN QUERY        -- a table in one place alone: reading what the catalogue says of it costs more than looking it up
    SELECT DISTINCT ON (x.certificate) x.certificate, x.matched_by
    FROM (SELECT c.id, 1, 'sha256' FROM certificate c WHERE c.sha256 BETWEEN low AND high
          UNION ALL
          SELECT o.certificate, by.rank, by.matched_by
          FROM certificate_own o
          CROSS JOIN LATERAL (VALUES (2, 'sha1', o.sha1 = the_sha1), (3, 'serial_number', o.serial_number = ANY (serials)),
                                     (4, 'key', o.spki_sha256 BETWEEN low AND high)) by (rank, matched_by, is_so)
          WHERE (o.sha1 = the_sha1 OR o.serial_number = ANY (serials) OR o.spki_sha256 BETWEEN low AND high) AND by.is_so
          UNION ALL
          SELECT n.certificate, 5, 'name' FROM named_certificates(what) n) x (certificate, rank, matched_by)
    ORDER BY x.certificate, x.rank;
END $$;

-- Endpoints by address, address:port, [address]:port or the name that was asked for. Each way walks an index.
CREATE FUNCTION endpoints_found(what text) RETURNS TABLE (endpoint bigint) LANGUAGE plpgsql STABLE ROWS 10 AS $$
#variable_conflict use_column
DECLARE
    parts text[] := regexp_match(btrim(what), '^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)|([0-9A-Fa-f:]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*))(?::([0-9]{1,5}))?$');
    the_address inet;
BEGIN
    IF parts IS NOT NULL THEN
        the_address := coalesce(parts[1], parts[2], parts[3])::inet;
        RETURN QUERY SELECT e.id FROM endpoint e WHERE e.address = the_address AND (parts[4] IS NULL OR e.port = parts[4]::integer);
    ELSE
        RETURN QUERY SELECT e.id FROM endpoint e
        WHERE e.server_name <> '' AND text_key(e.server_name) = text_key(regexp_replace(lower(btrim(what)), ':[0-9]{1,5}$', ''))
          AND (what !~ ':[0-9]{1,5}$' OR e.port = substring(what FROM ':([0-9]{1,5})$')::integer);
    END IF;
EXCEPTION WHEN invalid_text_representation THEN     -- 300.1.1.1 is no address
    RETURN;
END $$;

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

-- Can a message go there? Contacts are as people wrote them.
CREATE FUNCTION is_mail_address(contact text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT contact ~ '^[A-Za-z0-9.!#$%&''*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}$'
$$;

-- "place", "places".
CREATE FUNCTION noun_of(number numeric, one text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT one || CASE WHEN number = 1 THEN '' ELSE 's' END
$$;
-- "1 place", "2 places".
CREATE FUNCTION counted(number bigint, one text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT number::text || ' ' || noun_of(number, one)
$$;

-- For prose, never for data: in groups of three, as pages have them.
CREATE FUNCTION grouped(number numeric) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_char(number, 'FM999,999,999,999,990')
$$;
CREATE FUNCTION counted_grouped(number numeric, one text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT grouped(number) || ' ' || noun_of(number, one)
$$;
