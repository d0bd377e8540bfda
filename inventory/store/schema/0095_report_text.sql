-- Texts for people, used by reports.

-- A moment within evidence, to the second, in Z; all else as it is.
CREATE FUNCTION evidence_moment(value jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(value #>> '{}', '^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)[0-9.]*(\+00:00|Z)$', '\1Z')
$$;
-- A list within evidence.
CREATE FUNCTION evidence_list(value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT string_agg(CASE jsonb_typeof(item) WHEN 'object' THEN evidence_object(item, ', ') ELSE item #>> '{}' END, ', ')
            FROM jsonb_array_elements(CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE jsonb_build_array(value) END) item);
END $$;

-- One item of evidence in words: "key of 1024 bits", "3 places", "limit 398 days"; a list as its values, an object as its items; a moment to the
-- second, in Z.
CREATE FUNCTION evidence_item(key text, value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    one text := value #>> '{}';
    noun text;
    last_word text;
    said text;
BEGIN
    said := CASE key            -- where the key would be no word of a sentence; '': nothing is to be said
        WHEN 'reason' THEN one
        WHEN 'key_bits' THEN 'key of ' || one || ' bits'
        WHEN 'group_bits' THEN 'group of ' || one || ' bits'
        WHEN 'security_bits' THEN one || ' bits of security'
        WHEN 'wanted_from_2031' THEN one || ' wanted from 2031 on'
        WHEN 'minimum' THEN 'at least ' || one || ' asked for'
        WHEN 'maximum' THEN 'at most ' || one || ' allowed'
        WHEN 'usual' THEN evidence_list(value) || ' are usual'
        WHEN 'allowed' THEN evidence_list(value) || ' allowed'
        WHEN 'not_after' THEN 'valid until ' || evidence_moment(value)
        WHEN 'not_before' THEN 'valid from ' || evidence_moment(value)
        WHEN 'path_not_after' THEN 'its path to a root ends ' || evidence_moment(value)
        WHEN 'first_sct' THEN 'first logged ' || evidence_moment(value)
        WHEN 'step_days' THEN 'in its last ' || one || CASE WHEN one = '1' THEN ' day' ELSE ' days' END
        WHEN 'share_percent' THEN 'no more than ' || one || ' % of its life left'
        WHEN 'version' THEN 'version ' || one || '; expected 3'
        WHEN 'inside' THEN 'in the signed part ' || one
        WHEN 'outside' THEN 'outside of it ' || one
        WHEN 'found' THEN 'named after a product or an example: ' || one
        WHEN 'newer' THEN 'the newer certificate has the SHA-256 ' || one
        WHEN 'other' THEN 'the other certificate has the SHA-256 ' || one
        WHEN 'server_name' THEN 'asked by the name ' || one
        WHEN 'mode' THEN 'mode ' || one || ', by which everybody may read it'
        WHEN 'must_staple' THEN 'it promises a stapled answer, and none was sent'
        WHEN 'ocsp_urls' THEN 'no answer of ' || evidence_list(value) || ' was stapled'
        WHEN 'offered_once' THEN CASE WHEN one = 'true' THEN 'STARTTLS was offered before' ELSE 'STARTTLS was never offered' END
        WHEN 'extension' THEN CASE WHEN one = 'true' THEN 'its extension has no name' ELSE 'no extension of names' END
        -- signed certificate timestamps (C19): their logs, which of them count, and how many are wanted
        WHEN 'embedded' THEN counted(one::bigint, 'timestamp') || ' embedded'
        WHEN 'logs' THEN coalesce('from ' || counted(nullif(one, '0')::bigint, 'log'), '')
        WHEN 'counted' THEN coalesce(nullif(one, '0') || CASE WHEN one = '1' THEN ' counts' ELSE ' count' END, '')
        WHEN 'operators' THEN 'all of ' || evidence_list(value) || ', and browsers want a second operator'
        WHEN 'wanted' THEN 'browsers want ' || one
        -- what F02 says of a root
        WHEN 'fault' THEN CASE one WHEN 'unknown' THEN 'no store of the policy or of this system has it'
                                   WHEN 'key short' THEN 'key of less than 2048 bits'
                                   WHEN 'key broken' THEN 'its key is broken' WHEN 'expired' THEN 'it has expired'
                                   WHEN 'distrusted' THEN 'it is distrusted' END
        -- weaknesses of keys (key_finding.c)
        WHEN 'modulus_zero' THEN 'the modulus is 0'
        WHEN 'modulus_negative' THEN 'the modulus is negative'
        WHEN 'modulus_even' THEN 'the modulus is even'
        WHEN 'modulus_square' THEN 'the modulus is a square'
        WHEN 'modulus_prime' THEN 'the modulus is a prime, or a power of one'
        WHEN 'exponent_not_positive' THEN 'the exponent is 0 or negative'
        WHEN 'exponent_one' THEN 'the exponent is 1'
        WHEN 'exponent_even' THEN 'the exponent is even'
        WHEN 'exponent_beyond_modulus' THEN 'the exponent is larger than the modulus'
        WHEN 'small_factor' THEN coalesce('the modulus is divisible by ' || (value ->> 'factor'),
                                          'its small factors have the product ' || (value ->> 'product_of_small_factors'),
                                          'the modulus has a small factor')
        WHEN 'roca' THEN 'the modulus has the fingerprint of the broken library'
        WHEN 'close_primes' THEN 'Fermat''s method finds its primes' || coalesce(' in ' || counted((value ->> 'rounds')::bigint, 'round'), '')
        WHEN 'small_private_exponent' THEN 'Wiener''s method finds its private exponent' || coalesce(' of ' || (value ->> 'bits') || ' bits', '')
        WHEN 'pattern' THEN 'the modulus repeats a byte 16 times'
        WHEN 'bit_bias' THEN 'the modulus has ' || coalesce((value ->> 'ones_percent') || ' % ones, where half are expected',
                                                            'far more of one kind of bits')
        WHEN 'shared_prime' THEN 'it shares a prime with the key of ' || coalesce(evidence_list(value -> 'shared_with'), 'another certificate')
                                 || coalesce(' (SHA-256 of that modulus ' || (value ->> 'other_modulus_sha256') || ')', '')
        WHEN 'multiple' THEN 'the modulus of another key divides it'
                             || coalesce(' (SHA-256 of that modulus ' || (value ->> 'divisor_modulus_sha256') || ')', '')
        WHEN 'point_off_curve' THEN 'its point is not on the curve'
        WHEN 'point_infinity' THEN 'its point is at infinity'
        WHEN 'explicit_parameters' THEN 'the curve is written out in parameters' || coalesce(', those of ' || (value ->> 'curve'), '')
        WHEN 'false_generator' THEN 'the parameters have a generator that is not ' || coalesce((value ->> 'curve') || '''s', 'the curve''s')
        WHEN 'known_key' THEN 'its private key is published' || coalesce(' (' || (value ->> 'source') || ')', '')
        END;
    IF said IS NOT NULL THEN
        RETURN nullif(said, '');
    END IF;
    IF key = 'seen_by' THEN
        RETURN (SELECT 'seen ' || string_agg(CASE item WHEN 'posture' THEN 'when asked for' WHEN 'default' THEN 'in a usual handshake'
                                                       WHEN 'seen' THEN 'in captured traffic'
                                                       WHEN 'tls12' THEN 'in a handshake of TLS 1.2' WHEN 'pq' THEN 'in a post-quantum handshake'
                                                       WHEN 'rsa' THEN 'when an RSA certificate was asked for'
                                                       WHEN 'ecdsa' THEN 'when an ECDSA certificate was asked for'
                                                       WHEN 'eddsa' THEN 'when an EdDSA certificate was asked for'
                                                       ELSE 'in a ' || item || ' handshake' END, ', ' ORDER BY item)
                FROM jsonb_array_elements_text(value) item);
    ELSIF key = 'faults' THEN
        SELECT string_agg(concat_ws(', ', item ->> 'fault', item ->> 'subject', 'position ' || (item ->> 'position')), '; ')
        INTO said FROM jsonb_array_elements(value) item WHERE jsonb_typeof(item) = 'object';
        IF said IS NOT NULL THEN
            RETURN said;
        END IF;
    END IF;
    noun := replace(key, '_', ' ');
    CASE jsonb_typeof(value)
        WHEN 'number' THEN
            IF key IN ('bits', 'names', 'hosts', 'places', 'certificates', 'connections', 'addresses', 'files', 'owners', 'contacts', 'days',
                       'bytes', 'weak_suites') THEN
                RETURN one || ' ' || CASE WHEN one = '1' THEN regexp_replace(noun, '(?<=ss)es$|s$', '') ELSE noun END;
            ELSIF key ~ '_(days|percent)$' THEN
                RETURN regexp_replace(noun, ' (days|percent)$', '') || ' ' || one || CASE WHEN key LIKE '%percent' THEN ' %'
                    WHEN one = '1' THEN ' day' ELSE ' days' END;
            END IF;
        WHEN 'boolean' THEN
            RETURN CASE WHEN one = 'false' THEN 'not ' ELSE '' END || noun;
        WHEN 'array' THEN
            RETURN noun || ' ' || coalesce(evidence_list(value), 'none');
        WHEN 'object' THEN          -- "small factor 107", not "small factor factor 107"
            said := evidence_object(value, ', ');
            last_word := regexp_replace(noun, '^.* ', '');
            RETURN concat_ws(' ', noun, CASE WHEN starts_with(said, last_word || ' ') THEN substr(said, length(last_word) + 2) ELSE said END);
        ELSE
    END CASE;
    RETURN noun || ' ' || evidence_moment(value);
END $$;
CREATE FUNCTION evidence_object(evidence jsonb, between_items text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    key text;
    value jsonb;
    told text;
BEGIN
    FOR key, value IN       -- what was found, then how it was seen, then what was asked for
        SELECT e.key, e.value FROM jsonb_each(evidence) WITH ORDINALITY e (key, value, n)
        ORDER BY CASE WHEN e.key = 'embedded' THEN 0 WHEN e.key = 'seen_by' THEN 2
                      WHEN e.key IN ('minimum', 'maximum', 'wanted', 'wanted_from_2031', 'usual', 'allowed', 'expected') THEN 3 ELSE 1 END, e.n
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
