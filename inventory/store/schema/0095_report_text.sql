-- Texts for people, used by reports.

-- One item of evidence in words: "key of 1024 bits", "3 places", "limit 398 days"; a list as its values, an object as its items; a moment to the
-- second, in Z.
CREATE FUNCTION evidence_item(key text, value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    noun text := replace(key, '_', ' ');
    last_word text := regexp_replace(noun, '^.* ', '');
    said text;
BEGIN
    CASE key                    -- where the key would be no word of a sentence
        WHEN 'reason' THEN
            RETURN value #>> '{}';
        WHEN 'key_bits' THEN
            RETURN 'key of ' || (value #>> '{}') || ' bits';
        WHEN 'security_bits' THEN
            RETURN (value #>> '{}') || ' bits of security';
        WHEN 'minimum' THEN
            RETURN 'at least ' || (value #>> '{}') || ' asked for';
        WHEN 'maximum' THEN
            RETURN 'at most ' || (value #>> '{}') || ' allowed';
        WHEN 'embedded' THEN        -- with its logs, which of them count, and how many are wanted: of signed certificate timestamps (C19)
            RETURN counted((value #>> '{}')::bigint, 'timestamp') || ' embedded';
        WHEN 'logs' THEN
            RETURN 'from ' || counted(nullif(value #>> '{}', '0')::bigint, 'log');
        WHEN 'counted' THEN
            RETURN nullif(value #>> '{}', '0') || CASE WHEN value = '1' THEN ' counts' ELSE ' count' END;
        WHEN 'wanted' THEN
            RETURN 'browsers want ' || (value #>> '{}');
        WHEN 'extension' THEN
            RETURN CASE WHEN value = 'true' THEN 'its extension has no name' ELSE 'no extension of names' END;
        WHEN 'offered_once' THEN
            RETURN CASE WHEN value = 'true' THEN 'offered before' ELSE 'never offered' END;
        WHEN 'seen_by' THEN
            SELECT 'seen ' || string_agg(CASE item WHEN 'posture' THEN 'when asked for' WHEN 'default' THEN 'in a usual handshake' WHEN 'seen' THEN 'in captured traffic'
                                                   WHEN 'tls12' THEN 'in a handshake of TLS 1.2' WHEN 'pq' THEN 'in a post-quantum handshake'
                                                   WHEN 'rsa' THEN 'when an RSA certificate was asked for' WHEN 'ecdsa' THEN 'when an ECDSA certificate was asked for'
                                                   WHEN 'eddsa' THEN 'when an EdDSA certificate was asked for' ELSE 'in a ' || item || ' handshake' END, ', ' ORDER BY item)
            INTO said FROM jsonb_array_elements_text(value) item;
            RETURN said;
        WHEN 'faults' THEN
            SELECT string_agg(concat_ws(', ', item ->> 'fault', item ->> 'subject', 'position ' || (item ->> 'position')), '; ')
            INTO said FROM jsonb_array_elements(value) item WHERE jsonb_typeof(item) = 'object';
            IF said IS NOT NULL THEN
                RETURN said;
            END IF;
        ELSE
    END CASE;
    CASE jsonb_typeof(value)
        WHEN 'number' THEN
            IF key IN ('bits', 'names', 'hosts', 'places', 'certificates', 'connections', 'addresses', 'files', 'owners', 'days', 'bytes', 'weak_suites') THEN
                RETURN (value #>> '{}') || ' ' || CASE WHEN value = '1' THEN regexp_replace(noun, '(?<=ss)es$|s$', '') ELSE noun END;
            ELSIF key ~ '_(days|percent)$' THEN
                RETURN regexp_replace(noun, ' (days|percent)$', '') || ' ' || (value #>> '{}') || CASE WHEN key LIKE '%percent' THEN ' %' WHEN value = '1' THEN ' day' ELSE ' days' END;
            END IF;
        WHEN 'boolean' THEN
            RETURN CASE WHEN value = 'false' THEN 'not ' ELSE '' END || noun;
        WHEN 'array' THEN
            SELECT string_agg(CASE jsonb_typeof(item) WHEN 'object' THEN evidence_object(item, ', ') ELSE item #>> '{}' END, ', ')
            INTO said FROM jsonb_array_elements(value) item;
            RETURN noun || ' ' || coalesce(said, 'none');
        WHEN 'object' THEN          -- "small factor 107", not "small factor factor 107"
            said := evidence_object(value, ', ');
            RETURN noun || ' ' || CASE WHEN starts_with(said, last_word || ' ') THEN substr(said, length(last_word) + 2) ELSE said END;
        ELSE
    END CASE;
    RETURN noun || ' ' || regexp_replace(value #>> '{}', '^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)[0-9.]*(\+00:00|Z)$', '\1Z');
END $$;
CREATE FUNCTION evidence_object(evidence jsonb, between_items text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    key text;
    value jsonb;
    told text;
BEGIN
    FOR key, value IN       -- what was asked for is told behind what was found
        SELECT e.key, e.value FROM jsonb_each(evidence) WITH ORDINALITY e (key, value, n)
        ORDER BY CASE WHEN e.key = 'embedded' THEN 0 WHEN e.key IN ('minimum', 'maximum', 'wanted') THEN 2 ELSE 1 END, e.n
    LOOP
        IF value <> 'null' THEN
            told := concat_ws(between_items, told, evidence_item(key, value));
        END IF;
    END LOOP;
    RETURN told;
END $$;
-- {"key_bits": 1024, "minimum": 2048} as "key of 1024 bits; at least 2048 asked for".
CREATE FUNCTION evidence_text(evidence jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT evidence_object(evidence, '; ')
$$;

-- Rules of `report weak`: keys, protocols, suites, and what a certificate is signed with.
CREATE FUNCTION is_weak_rule(id text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT id ~ '^(K|P|S|C01|C02)'
$$;

-- A moment within a text, as RFC 3339 has it. What people read says it in their way (reports/moment_text.h).
CREATE FUNCTION moment_text(moment timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

-- How an attempt at a record's place ended, as a reason why its certificate is not there.
CREATE FUNCTION outcome_text(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE name
        WHEN 'certificate' THEN 'the place serves another certificate'
        WHEN 'no_certificate' THEN 'the place answered, and sent no certificate'
        WHEN 'hidden' THEN 'the place was overheard, and its certificate was encrypted'
        WHEN 'incomplete' THEN 'the place was overheard, and a part of its answer is missing'
        WHEN 'tls_alert' THEN 'the place answered with a TLS alert in place of a certificate'
        WHEN 'tls_error' THEN 'the place answered with TLS that could not be read'
        WHEN 'not_tls' THEN 'the place answered, and does not speak TLS'
        WHEN 'starttls_refused' THEN 'the place answered, and refused to begin TLS'
        WHEN 'too_large' THEN 'the place sent more certificates than are read'
        WHEN 'refused' THEN 'the host answered that nothing listens at the port'
        WHEN 'unreachable' THEN 'the network answered that the host cannot be reached'
        WHEN 'timeout_connect' THEN 'nothing answered at the place'
        WHEN 'timeout_handshake' THEN 'the place took the connection, and sent no answer in time'
        WHEN 'reset' THEN 'the place broke the connection off'
        WHEN 'closed' THEN 'the place closed the connection before its answer was whole'
        WHEN 'dns_failed' THEN 'the DNS has no address for the name'
        WHEN 'excluded' THEN 'the place was excluded from the scan'
        WHEN 'out_of_scope' THEN 'the place is outside the scope of the scan'
        WHEN 'aborted' THEN 'the scan ended before the place had answered' END
$$;

CREATE FUNCTION tls_version_name(version integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE version WHEN 2 THEN 'SSLv2' WHEN 768 THEN 'SSLv3' WHEN 769 THEN 'TLSv1.0' WHEN 770 THEN 'TLSv1.1'
                        WHEN 771 THEN 'TLSv1.2' WHEN 772 THEN 'TLSv1.3' WHEN 65279 THEN 'DTLSv1.0'
                        WHEN 65277 THEN 'DTLSv1.2' WHEN 65276 THEN 'DTLSv1.3' END
$$;
