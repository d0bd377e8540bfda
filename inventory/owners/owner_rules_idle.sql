-- Rules of an import ($1) without effect: hidden by an earlier one that matches all that they match, for an unknown site, or with
-- a range, suffix, issuer, host or path that nothing in the inventory has. Columns: line in the file, message. Hidden rules are searched only
-- among the first 5,000.
WITH r AS MATERIALIZED (
    SELECT *, coalesce(source_line, line) AS at,
           (SELECT string_agg(label, '.' ORDER BY place DESC) FROM string_to_table(name_suffix, '.') WITH ORDINALITY l (label, place)) COLLATE "C" AS reversed
    FROM owner_rule WHERE import = $1::bigint
), below AS MATERIALIZED (            -- each suffix or path of a line, and all that it lies below
    SELECT r.line, 'name' AS what, array_to_string(l.parts[p.n::integer:], '.') AS value
    FROM r CROSS JOIN LATERAL (SELECT string_to_array(r.name_suffix, '.') AS parts) l CROSS JOIN LATERAL unnest(l.parts) WITH ORDINALITY p (part, n)
    WHERE r.line <= 5000
    UNION ALL
    SELECT r.line, 'host', array_to_string(l.parts[p.n::integer:], '.')
    FROM r CROSS JOIN LATERAL (SELECT string_to_array(r.host_suffix, '.') AS parts) l CROSS JOIN LATERAL unnest(l.parts) WITH ORDINALITY p (part, n)
    WHERE r.line <= 5000
    UNION ALL
    SELECT r.line, 'path', array_to_string(l.parts[:p.n::integer], '/')
    FROM r CROSS JOIN LATERAL (SELECT string_to_array(r.path_prefix, '/') AS parts) l CROSS JOIN LATERAL unnest(l.parts) WITH ORDINALITY p (part, n)
    WHERE r.line <= 5000
    UNION ALL
    SELECT r.line, 'issuer', r.issuer_like FROM r WHERE r.line <= 5000
), taker AS MATERIALIZED (            -- of lines alike the first, and its narrowest condition, by which the lines that it may hide are found
    SELECT min(line) AS line, CASE WHEN name_suffix IS NOT NULL THEN 'name' WHEN host_suffix IS NOT NULL THEN 'host' WHEN path_prefix IS NOT NULL THEN 'path'
                      WHEN issuer_like IS NOT NULL THEN 'issuer' WHEN first_address IS NOT NULL THEN 'range' ELSE 'none' END AS what,
           coalesce(name_suffix, host_suffix, path_prefix, issuer_like) AS value, site, first_address, last_address
    FROM r WHERE line <= 5000
    GROUP BY site, first_address, last_address, name_suffix, host_suffix, path_prefix, issuer_like
), bound AS MATERIALIZED (             -- ranges begin segments, which number the addresses: no line is compared with all others
    SELECT array_agg(DISTINCT first_address ORDER BY first_address) AS firsts FROM taker WHERE what = 'range'
), may_hide AS MATERIALIZED (
    SELECT a.line AS a, b.line AS b FROM taker a JOIN below b USING (what, value)
    UNION ALL
    SELECT a.line, b.line
    FROM (SELECT t.line, segment FROM bound, taker t
          CROSS JOIN LATERAL generate_series(width_bucket(t.first_address, bound.firsts), width_bucket(t.last_address, bound.firsts)) segment
          WHERE t.what = 'range') a
    JOIN (SELECT r.line, width_bucket(r.first_address, bound.firsts) AS segment FROM bound, r
          WHERE r.line <= 5000 AND r.first_address IS NOT NULL) b USING (segment)
    UNION ALL
    SELECT a.line, b.line FROM (SELECT min(line) AS line FROM taker WHERE what = 'none' GROUP BY site) a, r b WHERE b.line <= 5000
), hidden AS (
    SELECT DISTINCT ON (b.line) b.line, b.at, a.at AS by
    FROM may_hide m JOIN r a ON a.line = m.a JOIN r b ON b.line = m.b
    WHERE a.line < b.line
      AND (a.site IS NULL OR a.site = b.site)
      AND (a.first_address IS NULL OR (family(a.first_address) = family(b.first_address) AND a.first_address <= b.first_address
                                       AND a.last_address >= b.last_address))
      AND (a.name_suffix IS NULL OR a.name_suffix = b.name_suffix OR right(b.name_suffix, length(a.name_suffix) + 1) = '.' || a.name_suffix)
      AND (a.issuer_like IS NULL OR a.issuer_like = b.issuer_like)
      AND (a.host_suffix IS NULL OR a.host_suffix = b.host_suffix OR right(b.host_suffix, length(a.host_suffix) + 1) = '.' || a.host_suffix)
      AND (a.path_prefix IS NULL OR a.path_prefix = b.path_prefix OR left(b.path_prefix, length(a.path_prefix) + 1) = a.path_prefix || '/')
    ORDER BY b.line, a.line
), host AS (                            -- lines with a host that some file has
    SELECT DISTINCT r.line
    FROM (SELECT string_to_array(lower(host), '.') AS labels FROM (SELECT DISTINCT host FROM file_place) d
          WHERE EXISTS (SELECT FROM r WHERE host_suffix IS NOT NULL)) h
    CROSS JOIN LATERAL generate_subscripts(h.labels[:64], 1) n JOIN r ON r.host_suffix = array_to_string(h.labels[n:], '.')
), recorded AS (                        -- lines with a suffix of a name that only a record has, whose certificate nobody has seen
    SELECT DISTINCT r.line
    FROM (SELECT string_to_array(lower(n.name), '.') AS labels
          FROM record_judged j JOIN managed_record m ON m.id = j.record CROSS JOIN LATERAL unnest(m.name_set || m.common_name) n (name)
          WHERE EXISTS (SELECT FROM r WHERE name_suffix IS NOT NULL)) h
    CROSS JOIN LATERAL generate_subscripts(h.labels[:64], 1) n JOIN r ON r.name_suffix = array_to_string(h.labels[n:], '.')
), path AS (
    SELECT DISTINCT r.line
    FROM (SELECT string_to_array(path, '/') AS parts FROM (SELECT DISTINCT path FROM file_place) d
          WHERE EXISTS (SELECT FROM r WHERE path_prefix IS NOT NULL)) p
    CROSS JOIN LATERAL generate_subscripts(p.parts[:256], 1) n JOIN r ON r.path_prefix = array_to_string(p.parts[:n], '/')
)
SELECT h.at, 'is never reached: line ' || h.by || ' takes all that it would'
FROM hidden h
UNION ALL
SELECT r.at, 'matches nothing: an address is an endpoint''s, a host or path a file''s'
FROM r LEFT JOIN hidden h USING (line)
WHERE h.line IS NULL AND r.first_address IS NOT NULL AND coalesce(r.host_suffix, r.path_prefix) IS NOT NULL
UNION ALL
SELECT r.at, 'matches nothing: there is no site ' || r.site
FROM r LEFT JOIN hidden h USING (line) LEFT JOIN site s ON s.name = r.site
WHERE h.line IS NULL AND r.site IS NOT NULL AND s.id IS NULL
UNION ALL
SELECT r.at, 'matches nothing that is known now'
FROM r LEFT JOIN hidden h USING (line) LEFT JOIN site s ON s.name = r.site
WHERE h.line IS NULL AND (r.site IS NULL OR s.id IS NOT NULL) AND EXISTS (SELECT FROM certificate_own)
  AND (r.first_address IS NULL OR coalesce(r.host_suffix, r.path_prefix) IS NULL)
  AND ((r.host_suffix IS NOT NULL AND r.line NOT IN (SELECT line FROM host))
       OR (r.path_prefix IS NOT NULL AND r.line NOT IN (SELECT line FROM path))
       OR (r.first_address IS NOT NULL
        AND NOT EXISTS (SELECT FROM endpoint e WHERE e.address BETWEEN r.first_address AND r.last_address))
       OR (r.name_suffix IS NOT NULL AND r.line NOT IN (SELECT line FROM recorded)
           AND NOT EXISTS (SELECT FROM certificate_name n WHERE n.reversed IS NOT NULL AND left(n.reversed, 300) = r.reversed)
           AND NOT EXISTS (SELECT FROM certificate_name n WHERE n.reversed IS NOT NULL AND left(n.reversed, 300) >= r.reversed || '.'
                                                            AND left(n.reversed, 300) < r.reversed || '/'))
       OR (r.issuer_like IS NOT NULL AND NOT EXISTS (SELECT FROM profile p WHERE p.issuer ILIKE r.issuer_like)))
ORDER BY 1
