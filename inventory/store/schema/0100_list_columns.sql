-- Further columns for rows of a report, for all rows at once: few ids by indexes, many by hash joins. In plpgsql, so that each
-- call is planned for its number of ids.
-- ROWS 200: the planner takes a column without statistics for one of 200 values, so a join with 200 rows is one to one for it. With its usual
-- 1000 each join would multiply the rows by five, and the wide rows of a whole list would be sorted for merge joins.

-- The first 20 of so many lines, and how many more there are. STABLE, as what it calls is: else it would not be inlined.
CREATE FUNCTION first_places(lines text, count bigint) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN count <= 20 THEN lines
           ELSE array_to_string((string_to_array(lines, E'\n'))[:20], E'\n') || E'\nand ' || count - 20 || ' more' END
$$;

-- Each place of each certificate that is served now, within the filter's site, network and port. Inlined where it is read.
CREATE FUNCTION places_named(filter jsonb)
RETURNS TABLE (certificate bigint, name text, address inet, port integer, site text, server_name text, endpoint bigint) LANGUAGE sql STABLE AS $$
    SELECT j.certificate, site_ahead(site.name, filter, (SELECT default_is_named())) || place_text(e.address, e.port, e.server_name),
           e.address, e.port, site.name, e.server_name, e.id
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
        FROM (SELECT f.certificate, site_ahead(site.name, filter, (SELECT default_is_named())) || f.name AS name
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
