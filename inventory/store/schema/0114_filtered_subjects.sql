-- Reports that list something else than rows of certificates and places, narrowed by the same filters (0096_report_filters.sql): endpoints
-- without a certificate, spaces of runs, clauses of packs.

-- Which of these endpoints (NULL: of all), also those that show no certificate now; what only a certificate or its owner has, they lack. In
-- plpgsql, like the next, so that each call is planned for its filter and its number of ids.
CREATE FUNCTION endpoints_wanted(filter jsonb, ids bigint[]) RETURNS TABLE (endpoint bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT e.id FROM endpoint e
    WHERE (ids IS NULL OR e.id = ANY (ids))
      AND (filter->>'site' IS NULL OR e.site = (SELECT id FROM site WHERE name = filter->>'site'))
      AND (filter->>'network' IS NULL OR e.address <<= (filter->>'network')::inet)
      AND (filter->>'port' IS NULL OR e.port = (filter->>'port')::integer)
      AND (NOT filter ?| '{owner,issuer,name,rule,severity,kind,source,within,due}'
           OR e.id IN (SELECT p.endpoint FROM places_wanted(filter - '{site,network,port}'::text[], ids) p)
           OR (filter - '{site,network,port,name}'::text[] = '{}' AND lower(e.server_name) LIKE glob_like(lower(filter->>'name')))
           OR (filter - '{site,network,port,rule,severity}'::text[] = '{}'
               AND e.id IN (SELECT f.endpoint FROM findings_ruled(filter) f WHERE f.endpoint <> 0)));
END $$;

-- Which of these few certificates.
CREATE FUNCTION certificates_among(filter jsonb, ids bigint[]) RETURNS TABLE (certificate bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT w.certificate FROM certificates_wanted(filter, ids) w;
END $$;

-- Records of all times of which no certificate is known, so that no list of certificates has them, and which nothing has replaced
-- while they were told. Who reads it asks for those that were in force at
-- a moment and had ended, by sub-SELECTs: so they come by their end from an index.
CREATE FUNCTION records_unseen() RETURNS SETOF managed_record LANGUAGE sql STABLE AS $$
    SELECT r.* FROM managed_record r
    WHERE (r.status IS NULL OR r.status IN ('issued', 'expired')) AND (r.type IS NULL OR r.type IN ('server', 'other'))
      AND NOT EXISTS (SELECT FROM certificate c WHERE c.sha256 = r.sha256)
      AND NOT EXISTS (SELECT FROM match_now m WHERE m.record = r.id AND m.is_counted)
      AND NOT EXISTS (SELECT FROM managed_record w WHERE w.names_key = r.names_key
                      AND is_newer_record(w, r.not_before, r.not_after, coalesce(r.valid_to, 'infinity')))
      -- nor by its account's word (reconcile_endpoints.sql: newer_told)
      AND NOT EXISTS (SELECT FROM managed_record w WHERE w.replaces IS NOT NULL AND text_key(w.replaces) = text_key(r.order_number)
                      AND w.source = r.source AND w.id <> r.id AND (w.not_before < r.not_before) IS NOT TRUE
                      AND takes_place(w.status, w.valid_from, w.valid_to, coalesce(r.valid_to, 'infinity')))
      AND NOT EXISTS (SELECT FROM managed_record w WHERE w.replaces IS NOT NULL AND text_key(w.replaces) = r.serial_key
                      AND w.source = r.source AND w.id <> r.id AND (w.not_before < r.not_before) IS NOT TRUE
                      AND takes_place(w.status, w.valid_from, w.valid_to, coalesce(r.valid_to, 'infinity')))
      AND NOT EXISTS (SELECT FROM managed_record w WHERE w.order_number IS NOT NULL AND text_key(w.order_number) = text_key(r.replaced_by)
                      AND w.source = r.source AND w.id <> r.id AND (w.not_before < r.not_before) IS NOT TRUE
                      AND takes_place(w.status, w.valid_from, w.valid_to, coalesce(r.valid_to, 'infinity')))
      AND NOT EXISTS (SELECT FROM managed_record w WHERE w.serial_key = text_key(r.replaced_by)
                      AND w.source = r.source AND w.id <> r.id AND (w.not_before < r.not_before) IS NOT TRUE
                      AND takes_place(w.status, w.valid_from, w.valid_to, coalesce(r.valid_to, 'infinity')))
$$;

-- Does a scan's space (target_space_format(): "ports 443,8443-8445,udp/443", then a range a line) hold an address of this network, or
-- this port? NULL asks nothing. A space that cannot be read holds nothing.
CREATE FUNCTION space_holds(space text, network inet, the_port integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    line text;
    has_port boolean := false;
    ends text[];
BEGIN
    FOREACH line IN ARRAY string_to_array(rtrim(space, E'\n'), E'\n') LOOP
        IF line LIKE 'ports %' THEN
            has_port := the_port IS NULL
                OR EXISTS (SELECT FROM unnest(string_to_array(substr(line, 7), ',')) r (range)
                           CROSS JOIN LATERAL string_to_array(replace(r.range, 'udp/', ''), '-') p (port)
                           WHERE the_port BETWEEN p.port[1]::integer AND coalesce(p.port[2], p.port[1])::integer);
        ELSIF has_port THEN
            ends := string_to_array(line, '-');
            IF network IS NULL OR (family(ends[1]::inet) = family(network)
                                   AND ends[1]::inet <= host(broadcast(network))::inet
                                   AND coalesce(ends[2], ends[1])::inet >= host(network(network))::inet) THEN
                RETURN true;
            END IF;
        END IF;
    END LOOP;
    RETURN false;
EXCEPTION WHEN data_exception THEN
    RETURN false;
END $$;

-- A scan's space as ranges with their ports (UDP from 100000 on, other transports from 200000 on). None where it cannot be read.
CREATE FUNCTION space_ranges(space text) RETURNS TABLE (first inet, last inet, ports int4multirange) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    line text;
    now_ports int4multirange := '{}';
    ends text[];
    read jsonb := '[]';
BEGIN
    FOREACH line IN ARRAY string_to_array(rtrim(space, E'\n'), E'\n') LOOP
        IF line LIKE 'ports %' THEN
            now_ports := (SELECT range_agg(int4range(p.port[1]::integer + t.base, coalesce(p.port[2], p.port[1])::integer + t.base, '[]'))
                          FROM unnest(string_to_array(substr(line, 7), ',')) r (range)
                          CROSS JOIN LATERAL string_to_array(regexp_replace(r.range, '^[a-z]+/', ''), '-') p (port)
                          CROSS JOIN LATERAL (SELECT CASE WHEN r.range LIKE 'udp/%' THEN 100000 WHEN r.range LIKE '%/%' THEN 200000 ELSE 0 END AS base) t);
        ELSE
            ends := string_to_array(line, '-');
            read := read || jsonb_build_array(jsonb_build_array(ends[1]::inet, coalesce(ends[2], ends[1])::inet, now_ports));
        END IF;
    END LOOP;
    RETURN QUERY SELECT (r->>0)::inet, (r->>1)::inet, (r->>2)::int4multirange FROM jsonb_array_elements(read) r;
EXCEPTION WHEN data_exception THEN
    RETURN;
END $$;

-- The filter as options of a command: "owner", " --owner 'Web team'". What only the program sets is left out by its caller.
CREATE FUNCTION filter_options(filter jsonb) RETURNS TABLE (key text, option text) LANGUAGE sql IMMUTABLE AS $$
    SELECT f.key, CASE WHEN f.key IN ('ours', 'served', 'unconfirmed') THEN ' --' || f.key ELSE ' --' || f.key || ' '
           || CASE WHEN f.key = 'owner' THEN owner_word(f.value #>> '{}') ELSE
              shell_word(CASE WHEN f.key = 'due' AND f.value->0 = 'null' THEN 'overdue'
                              WHEN jsonb_typeof(f.value) = 'array'
                              THEN (SELECT string_agg(a.v, CASE f.key WHEN 'due' THEN '-' ELSE ',' END ORDER BY a.n)
                                    FROM jsonb_array_elements_text(f.value) WITH ORDINALITY a (v, n))
                              ELSE f.value #>> '{}' END) END END
    FROM jsonb_each(filter) f
$$;

-- The same for a command that follows from what was asked: as of the day that this session has judged by, too
-- (next_command_as_of()). Every such command is made with these two.
CREATE FUNCTION filter_kept(filter jsonb) RETURNS TABLE (key text, option text) LANGUAGE sql STABLE AS $$
    SELECT o.key, o.option
    FROM (SELECT nullif(current_setting('certsweep.as_of', true), '')) a (day)
    CROSS JOIN filter_options(filter - '{argument,after,brief,weak}'::text[] || CASE WHEN a.day IS NULL THEN '{}' ELSE jsonb_build_object('as-of', a.day) END) o
$$;

CREATE FUNCTION options_kept(filter jsonb) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(string_agg(k.option, '' ORDER BY k.key), '') FROM filter_kept(filter) k
$$;

-- The command that shows an endpoint, as a shell takes it; with its site where another one is known.
CREATE FUNCTION endpoint_command(address inet, port integer, site text, filter jsonb) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT 'certsweep report endpoint ' || CASE family(address) WHEN 4 THEN host(address) || ':' || port
                                                                ELSE '''[' || host(address) || ']:' || port || '''' END
           || options_kept(filter) || CASE WHEN NOT filter ? 'site' AND (SELECT default_is_named()) THEN ' --site ' || shell_word(site) ELSE '' END
$$;

-- For how many of the filter's subjects the data that a rule needs (rule.needs) is known: without it, no hit proves nothing. asked:
-- subjects with an answer; subjects: all of them, those of a rule about public certificates, or about others alone, being these (trust: which).
CREATE FUNCTION rules_asked(filter jsonb) RETURNS TABLE (rule text, is_of_places boolean, trust text, asked bigint, subjects bigint, reason text)
LANGUAGE sql STABLE AS $$
    WITH leaf AS MATERIALIZED (             -- as runs tell what is public (reconcile_known.sql)
        SELECT count(*) AS certificates,
               count(*) FILTER (WHERE CASE WHEN v.certificate IS NULL THEN a.authority IS NOT NULL
                   ELSE EXISTS (SELECT FROM certificate_path p WHERE p.certificate = n.certificate AND p.fault IS NULL
                                AND p.store_kind = 'public') END)
                   AS public
        FROM certificates_wanted(filter - '{rule,severity}'::text[], NULL) n
        LEFT JOIN (SELECT DISTINCT p.authority FROM ca_path p JOIN trust_store s ON s.id = p.store WHERE p.fault IS NULL AND s.kind = 'public') a
            ON a.authority = n.authority
        LEFT JOIN (SELECT DISTINCT certificate FROM name_violation) v ON v.certificate = n.certificate
        WHERE n.is_leaf AND NOT is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)
    ), served AS MATERIALIZED (
        SELECT l.certificates, l.public,
               (SELECT count(DISTINCT p.endpoint) FROM places_wanted(filter - '{rule,severity}'::text[], NULL) p) AS endpoints
        FROM leaf l
    ), item AS MATERIALIZED (
        SELECT p.item, count(DISTINCT p.endpoint) AS endpoints
        FROM posture p
        WHERE p.value <> 'untested' AND p.item NOT LIKE 'suite:%'
          AND p.endpoint IN (SELECT w.endpoint FROM places_wanted(filter - '{rule,severity}'::text[], NULL) w)
        GROUP BY p.item
    ), need AS (
        SELECT r.id AS rule, r.is_of_places, split_part(n.word, ' ', 1) AS what, split_part(n.word, ' ', 2) AS item
        FROM rule r LEFT JOIN LATERAL unnest(string_to_array(nullif(r.needs, ''), ', ')) n (word) ON true
    )
    SELECT n.rule, n.is_of_places, min(n.what) FILTER (WHERE n.what IN ('public', 'private')), min(CASE n.what
               WHEN 'posture' THEN coalesce(i.endpoints, 0)
               WHEN 'revocation' THEN CASE WHEN EXISTS (SELECT FROM crl) OR EXISTS (SELECT FROM ocsp_good) THEN k.subjects ELSE 0 END
               WHEN 'managed' THEN CASE WHEN EXISTS (SELECT FROM managed_import) THEN k.subjects ELSE 0 END
               WHEN 'own' THEN CASE WHEN EXISTS (SELECT FROM policy_current WHERE jsonb_array_length(document -> 'own_cas') > 0)
                                    THEN k.subjects ELSE 0 END
               WHEN 'gcd' THEN CASE WHEN EXISTS (SELECT FROM modulus_tested WHERE is_compared) THEN k.subjects ELSE 0 END
               ELSE k.subjects END) AS asked,
           min(k.subjects) AS subjects,
           string_agg(DISTINCT CASE WHEN n.what = 'posture' AND coalesce(i.endpoints, 0) < s.endpoints
                                         THEN 'asked at ' || coalesce(i.endpoints, 0) || ' of ' || counted(s.endpoints, 'endpoint') || ' (scan --depth posture)'
                                    WHEN n.what = 'revocation' AND NOT EXISTS (SELECT FROM crl) AND NOT EXISTS (SELECT FROM ocsp_good)
                                         THEN 'no revocation list is known (reconcile --crl FILE)'
                                    WHEN n.what = 'managed' AND NOT EXISTS (SELECT FROM managed_import) THEN 'there is no managed source'
                                    WHEN n.what = 'own' AND NOT EXISTS (SELECT FROM policy_current WHERE jsonb_array_length(document -> 'own_cas') > 0)
                                         THEN 'the policy names no own CA'
                                    WHEN n.what = 'gcd' AND NOT EXISTS (SELECT FROM modulus_tested WHERE is_compared) THEN 'keys gcd did not run' END, '; ')
    FROM need n CROSS JOIN served s
    CROSS JOIN LATERAL (SELECT CASE WHEN n.what = 'posture' OR n.is_of_places THEN s.endpoints WHEN n.what = 'public' THEN s.public
                              WHEN n.what = 'private' THEN s.certificates - s.public ELSE s.certificates END AS subjects) k
    LEFT JOIN item i ON i.item = n.item AND n.what = 'posture'
    GROUP BY n.rule, n.is_of_places
$$;
CREATE VIEW rule_asked AS SELECT * FROM rules_asked('{}');

-- How the filter's subjects stand to each clause of the policy in force: fail where a rule of it hits (and why not all was
-- tested); else "not tested" where a rule of it
-- has not asked everywhere (or no rule can prove it); "not applicable" where nothing is served or recorded; else pass. What is over and
-- served nowhere is no subject. failing, of subjects: what counted says, certificates, places, or both together. Where the policy in use is
-- not the one that was judged by, no clause is tested: nobody has looked with its settings. Of a rule: the clauses that it proves; of a severity:
-- those that findings of it fail. reason: why it stands so, of every clause.
CREATE FUNCTION clauses_judged(filter jsonb) RETURNS TABLE (pack text, clause text, ordinal integer, title text, source text, rules text[], status text,
                                                            subjects bigint, failing bigint, reason text, counted text) LANGUAGE sql STABLE AS $$
    WITH hit AS MATERIALIZED (
        SELECT c.pack, c.ordinal,
               count(DISTINCT f.endpoint) FILTER (WHERE f.endpoint <> 0) + count(DISTINCT f.certificate) FILTER (WHERE f.endpoint = 0) AS failing,
               string_agg(DISTINCT f.rule, ', ' ORDER BY f.rule) AS rules
        FROM policy_clause c CROSS JOIN LATERAL unnest(c.rules) r (rule) JOIN findings_asking(filter) f ON f.rule = r.rule
        GROUP BY c.pack, c.ordinal
    ), past AS MATERIALIZED (
        SELECT c.pack, c.ordinal, count(DISTINCT f.certificate) AS certificates
        FROM policy_clause c CROSS JOIN LATERAL unnest(c.rules) r (rule) JOIN findings_over(filter) f ON f.rule = r.rule
        GROUP BY c.pack, c.ordinal
    ), asked AS MATERIALIZED (
        SELECT * FROM rules_asked(filter)
    ), stale AS MATERIALIZED (
        SELECT j.before FROM judged_before() j (before) WHERE starts_with(j.before, 'the policy')
    )
    SELECT c.pack, c.clause, c.ordinal, c.title, c.source, c.rules,
           CASE WHEN s.before IS NOT NULL THEN 'not tested' WHEN h.failing > 0 THEN 'fail' WHEN cardinality(c.rules) = 0 THEN 'not tested'
               WHEN a.subjects = 0 THEN 'not applicable'
                WHEN a.is_asked THEN 'pass' ELSE 'not tested' END,
           coalesce(a.subjects, 0), CASE WHEN s.before IS NULL THEN coalesce(h.failing, 0) ELSE 0 END,
           concat_ws('; ', 'judged before ' || s.before || ' (certsweep reconcile)',
               CASE WHEN s.before IS NOT NULL THEN NULL WHEN h.failing > 0 THEN 'found by ' || h.rules
                    WHEN cardinality(c.rules) = 0 THEN NULL WHEN a.subjects = 0 THEN 'nothing that it is about is served or recorded'
                    WHEN a.is_asked THEN 'asked of all, and '
                        || CASE cardinality(c.rules) WHEN 1 THEN c.rules[1] ELSE 'its ' || cardinality(c.rules) || ' rules' END
                        || ' found nothing' END,
               CASE WHEN s.before IS NULL AND a.subjects > 0
                    THEN CASE WHEN h.failing > 0 THEN 'not all of it was tested: ' ELSE '' END || a.reason END,
               CASE WHEN s.before IS NULL THEN 'not counted: ' || counted(o.certificates, 'certificate') || ', over and served nowhere, which '
                   || CASE o.certificates WHEN 1 THEN 'needs' ELSE 'need' END || ' nothing' END,
               coalesce(nullif(c.note, ''), CASE WHEN cardinality(c.rules) = 0 THEN 'no rule proves it: somebody must look' END)),
           nullif(concat_ws(' and ', CASE WHEN a.certificates IS NOT NULL THEN 'certificates' END, CASE WHEN a.places IS NOT NULL THEN 'places' END), '')
    FROM policy_clause c
    LEFT JOIN stale s ON true
    LEFT JOIN hit h ON h.pack IS NOT DISTINCT FROM c.pack AND h.ordinal = c.ordinal
    LEFT JOIN past o ON o.pack IS NOT DISTINCT FROM c.pack AND o.ordinal = c.ordinal
    CROSS JOIN LATERAL (
        SELECT k.certificates, k.places, coalesce(k.certificates, 0) + coalesce(k.places, 0) AS subjects, k.is_asked, k.reason
        FROM (SELECT coalesce(max(x.subjects) FILTER (WHERE NOT x.is_of_places AND x.trust IS NULL),      -- all; else none is of both
                              sum(DISTINCT x.subjects) FILTER (WHERE x.trust = 'public')
                                  + sum(DISTINCT x.subjects) FILTER (WHERE x.trust = 'private'),
                              max(x.subjects) FILTER (WHERE NOT x.is_of_places))::bigint AS certificates,
                     max(x.subjects) FILTER (WHERE x.is_of_places) AS places,
                     bool_and(x.asked = x.subjects) AS is_asked, string_agg(DISTINCT x.reason, '; ') AS reason
              FROM asked x WHERE x.rule = ANY (c.rules)) k) a
    WHERE (filter->'rule' IS NULL OR c.rules && ARRAY(SELECT upper(jsonb_array_elements_text(filter->'rule'))))
      AND (filter->'severity' IS NULL OR h.failing > 0)
$$;
CREATE VIEW clause_result AS SELECT * FROM clauses_judged('{}');
