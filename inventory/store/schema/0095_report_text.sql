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
                RETURN regexp_replace(noun, ' (days|percent)$', '') || ' ' || (value #>> '{}') || CASE WHEN key LIKE '%percent' THEN ' %'
                    WHEN value = '1' THEN ' day' ELSE ' days' END;
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
