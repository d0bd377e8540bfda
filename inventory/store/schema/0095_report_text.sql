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

-- Where each certificate is served now, for lists: places of the named site (NULL: all), a line each; of many the first.
CREATE FUNCTION certificate_places(the_certificate bigint, the_site text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT array_to_string((array_agg(p.name ORDER BY p.name))[:20], E'\n')
           || CASE WHEN count(*) > 20 THEN E'\nand ' || count(*) - 20 || ' more' ELSE '' END
    FROM (SELECT CASE WHEN the_site IS NULL AND site.name <> 'default' THEN site.name || ' ' ELSE '' END
                 || place_text(e.address, e.port, e.server_name) AS name
          FROM endpoint_judged j
          JOIN endpoint e ON e.id = j.endpoint
          JOIN site ON site.id = j.site
          WHERE j.certificate = the_certificate AND (the_site IS NULL OR site.name = the_site)) p
$$;
