-- Texts for people, used by reports.

-- {"key_bits": 1024, "minimum": 2048} as "key bits 1024, minimum 2048".
CREATE FUNCTION evidence_text(evidence jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg(replace(key, '_', ' ') || ' ' ||
                      CASE jsonb_typeof(value)
                          WHEN 'array' THEN (SELECT string_agg(CASE jsonb_typeof(item)
                                                                 WHEN 'object' THEN (SELECT string_agg(replace(k, '_', ' ') || ' ' || v, ', ') FROM jsonb_each_text(item) m (k, v))
                                                                 ELSE item #>> '{}' END, ', ') FROM jsonb_array_elements(value) item)
                          -- a moment: to the second, in Z
                          ELSE regexp_replace(value #>> '{}', '^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)[0-9.]*(\+00:00|Z)$', '\1Z')
                          END, '; ' ORDER BY ordinal)
    FROM jsonb_each(evidence) WITH ORDINALITY AS e (key, value, ordinal)
    WHERE jsonb_typeof(value) <> 'null'
$$;

-- A moment within a text, as RFC 3339 has it: the same in every format.
CREATE FUNCTION moment_text(moment timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

CREATE FUNCTION tls_version_name(version integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE version WHEN 2 THEN 'SSLv2' WHEN 768 THEN 'SSLv3' WHEN 769 THEN 'TLSv1.0' WHEN 770 THEN 'TLSv1.1'
                        WHEN 771 THEN 'TLSv1.2' WHEN 772 THEN 'TLSv1.3' WHEN 65279 THEN 'DTLSv1.0'
                        WHEN 65277 THEN 'DTLSv1.2' WHEN 65276 THEN 'DTLSv1.3' END
$$;
