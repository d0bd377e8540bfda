-- Rules of an import ($1) without effect: hidden by an earlier one that matches all that they match, for an unknown site, or with
-- a range, suffix, issuer, host or path that nothing in the inventory has. Columns: line in the file, message. Hidden rules are searched only
-- among the first 5,000.
WITH r AS MATERIALIZED (
    SELECT *, coalesce(source_line, line) AS at,
           (SELECT string_agg(label, '.' ORDER BY place DESC) FROM string_to_table(name_suffix, '.') WITH ORDINALITY l (label, place)) COLLATE "C" AS reversed
    FROM owner_rule WHERE import = $1::bigint
), hidden AS (
    SELECT DISTINCT ON (b.line) b.line, b.at, a.at AS by
    FROM r a JOIN r b ON a.line < b.line AND b.line <= 5000
    WHERE (a.site IS NULL OR a.site = b.site)
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
       OR (r.name_suffix IS NOT NULL
           AND NOT EXISTS (SELECT FROM certificate_name n WHERE n.reversed IS NOT NULL AND left(n.reversed, 300) = r.reversed)
           AND NOT EXISTS (SELECT FROM certificate_name n WHERE n.reversed IS NOT NULL AND left(n.reversed, 300) >= r.reversed || '.'
                                                            AND left(n.reversed, 300) < r.reversed || '/'))
       OR (r.issuer_like IS NOT NULL AND NOT EXISTS (SELECT FROM profile p WHERE p.issuer ILIKE r.issuer_like)))
ORDER BY 1
