-- Texts for people, used by reports.

-- {"key_bits": 1024, "minimum": 2048} as "key bits 1024, minimum 2048".
CREATE FUNCTION evidence_text(evidence jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg(replace(key, '_', ' ') || ' ' ||
                      CASE jsonb_typeof(value)
                          WHEN 'array' THEN (SELECT string_agg(item, ', ') FROM jsonb_array_elements_text(value) item)
                          -- a moment: to the minute
                          ELSE regexp_replace(value #>> '{}', '^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):[0-9.]+(\+00:00|Z)$', '\1 \2')
                          END, '; ' ORDER BY ordinal)
    FROM jsonb_each(evidence) WITH ORDINALITY AS e (key, value, ordinal)
    WHERE jsonb_typeof(value) <> 'null'
$$;

CREATE FUNCTION tls_version_name(version integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE version WHEN 2 THEN 'SSLv2' WHEN 768 THEN 'SSLv3' WHEN 769 THEN 'TLSv1.0' WHEN 770 THEN 'TLSv1.1'
                        WHEN 771 THEN 'TLSv1.2' WHEN 772 THEN 'TLSv1.3' WHEN 65279 THEN 'DTLSv1.0'
                        WHEN 65277 THEN 'DTLSv1.2' WHEN 65276 THEN 'DTLSv1.3' END
$$;

-- Findings with what is told of them, gravest first, at most row_count (NULL: all): of the named site (NULL: all), every rule's
-- or only those of keys, signatures, versions and suites.
CREATE FUNCTION finding_rows(the_site text, row_count bigint, only_weak boolean)
RETURNS TABLE (severity text, rule text, finding text, name text, places text, owner text, because text, next_step text, source text,
               since timestamptz)
LANGUAGE sql STABLE AS $$
WITH page AS MATERIALIZED (
    SELECT f.* FROM finding f
    WHERE (NOT only_weak OR f.rule ~ '^(K|P|S|C01|C02)')
      AND (the_site IS NULL
           OR CASE WHEN f.endpoint <> 0
                   THEN EXISTS (SELECT FROM endpoint e JOIN site ON site.id = e.site WHERE e.id = f.endpoint AND site.name = the_site)
                   ELSE EXISTS (SELECT FROM endpoint_judged j JOIN site ON site.id = j.site
                                WHERE j.certificate = f.certificate AND site.name = the_site) END)
    ORDER BY f.severity_rank, f.rule, f.certificate, f.endpoint
    LIMIT row_count
), at_endpoint AS MATERIALIZED (       -- what an endpoint of its own shows
    SELECT j.endpoint, string_agg(DISTINCT n.name, E'\n') AS name, min(o.owner) AS owner
    FROM (SELECT DISTINCT endpoint FROM page WHERE certificate = 0) p
    JOIN endpoint_judged j USING (endpoint)
    JOIN certificate_now n ON n.certificate = j.certificate
    LEFT JOIN owner_basis o ON o.id = j.owner_basis
    GROUP BY j.endpoint
), placed AS MATERIALIZED (
    SELECT p.certificate, array_to_string((array_agg(p.name ORDER BY p.name))[:20], E'\n')
           || CASE WHEN count(*) > 20 THEN E'\nand ' || count(*) - 20 || ' more' ELSE '' END AS places
    FROM (SELECT j.certificate, CASE WHEN the_site IS NULL AND site.name <> 'default' THEN site.name || ' ' ELSE '' END
                 || place_text(e.address, e.port, e.server_name) AS name
          FROM (SELECT DISTINCT certificate FROM page WHERE endpoint = 0) x JOIN endpoint_judged j USING (certificate)
          JOIN endpoint e ON e.id = j.endpoint
          JOIN site ON site.id = j.site
          WHERE the_site IS NULL OR site.name = the_site) p
    GROUP BY p.certificate
)
SELECT s.name AS severity, h.rule, ru.title AS finding, coalesce(n.name, at_endpoint.name) AS name,
       CASE WHEN h.endpoint <> 0
            THEN CASE WHEN the_site IS NULL AND site.name <> 'default' THEN site.name || ' ' ELSE '' END
                 || place_text(e.address, e.port, e.server_name)
            ELSE placed.places END AS places,
       coalesce(o.owner, at_endpoint.owner) AS owner, evidence_text(h.evidence) AS because, ru.next_step, ru.source, h.since
FROM page h
JOIN severity s ON s.rank = h.severity_rank
JOIN rule ru ON ru.id = h.rule
LEFT JOIN certificate_now n ON n.certificate = h.certificate
LEFT JOIN owner_basis o ON o.id = n.owner_basis
LEFT JOIN endpoint e ON e.id = h.endpoint
LEFT JOIN site ON site.id = e.site
LEFT JOIN at_endpoint ON at_endpoint.endpoint = h.endpoint AND h.certificate = 0
LEFT JOIN placed ON placed.certificate = h.certificate
ORDER BY h.severity_rank, h.rule, h.certificate, h.endpoint
$$;
