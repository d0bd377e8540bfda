-- Rules of an import ($1) without effect: hidden by an earlier one that matches all that they match, for an unknown site, or with
-- a range, suffix or issuer that nothing in the inventory has. Columns: line in the file, message. Hidden rules are searched only
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
    ORDER BY b.line, a.line
)
SELECT h.at, 'is never reached: line ' || h.by || ' takes all that it would'
FROM hidden h
UNION ALL
SELECT r.at, 'matches nothing: there is no site ' || r.site
FROM r LEFT JOIN hidden h USING (line) LEFT JOIN site s ON s.name = r.site
WHERE h.line IS NULL AND r.site IS NOT NULL AND s.id IS NULL
UNION ALL
SELECT r.at, 'matches nothing that is known now'
FROM r LEFT JOIN hidden h USING (line) LEFT JOIN site s ON s.name = r.site
WHERE h.line IS NULL AND (r.site IS NULL OR s.id IS NOT NULL) AND EXISTS (SELECT FROM certificate_own)
  AND ((r.first_address IS NOT NULL
        AND NOT EXISTS (SELECT FROM endpoint e WHERE e.address BETWEEN r.first_address AND r.last_address))
       OR (r.name_suffix IS NOT NULL
           AND NOT EXISTS (SELECT FROM certificate_name n WHERE n.reversed IS NOT NULL AND left(n.reversed, 300) = r.reversed)
           AND NOT EXISTS (SELECT FROM certificate_name n WHERE n.reversed IS NOT NULL AND left(n.reversed, 300) >= r.reversed || '.'
                                                            AND left(n.reversed, 300) < r.reversed || '/'))
       OR (r.issuer_like IS NOT NULL AND NOT EXISTS (SELECT FROM profile p WHERE p.issuer ILIKE r.issuer_like)))
ORDER BY 1
