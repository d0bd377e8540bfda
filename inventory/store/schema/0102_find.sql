-- What a word of the user names: certificates and endpoints.

-- Converts a decimal number to hexadecimal; NULL for anything else.
CREATE FUNCTION decimal_hex(digits text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    rest numeric;
    hex text := '';
BEGIN
    IF digits !~ '^[0-9]{1,60}$' THEN
        RETURN NULL;
    END IF;
    rest := digits::numeric;
    WHILE rest > 0 LOOP
        hex := substr('0123456789abcdef', mod(rest, 16)::integer + 1, 1) || hex;
        rest := div(rest, 16);
    END LOOP;
    RETURN hex;
END $$;

-- The first bytes that hexadecimal text can begin with (fill '0') or the last ones (fill 'f'), of 32.
CREATE FUNCTION hex_bound(hex text, fill text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN hex ~ '^[0-9a-f]{1,64}$' THEN decode(rpad(hex, 64, fill), 'hex') END
$$;

-- Certificates by anything that names one: the beginning of a SHA-256 of it or its key, its SHA-1, serial number (hexadecimal in
-- any spelling, or decimal), a name, a name with * and ?. Each way walks an index. Four or five digits may be a word: a name goes first.
CREATE FUNCTION certificates_found(what text) RETURNS TABLE (certificate bigint, matched_by text) LANGUAGE plpgsql STABLE ROWS 10 AS $$
#variable_conflict use_column
DECLARE
    hex text := lower(btrim(what));
    low bytea;
    high bytea;
    the_sha1 bytea;
    serials text[] := CASE WHEN hex ~ '^[0-9]+$' THEN array_remove(ARRAY[decimal_hex(hex)], NULL) ELSE '{}' END;
BEGIN
    IF hex ~ '[: x-]' THEN
        hex := regexp_replace(regexp_replace(hex, '^0x', ''), '[: -]', '', 'g');
    END IF;
    IF hex ~ '^[0-9a-f]{6,}$' OR (hex ~ '^[0-9a-f]{4,5}$' AND NOT EXISTS (SELECT FROM named_certificates(what))) THEN
        serials := array_append(serials, nullif(ltrim(hex, '0'), ''));
        low := hex_bound(hex, '0');
        high := hex_bound(hex, 'f');
        IF length(hex) = 40 THEN
            the_sha1 := decode(hex, 'hex');
        END IF;
    ELSIF serials = '{}' THEN
        RETURN QUERY SELECT DISTINCT n.certificate, 'name' FROM named_certificates(what) n ORDER BY n.certificate;
        RETURN;
    END IF;
    RETURN QUERY        -- a table in one place alone: reading what the catalogue says of it costs more than looking it up
    SELECT DISTINCT ON (x.certificate) x.certificate, x.matched_by
    FROM (SELECT c.id, 1, 'sha256' FROM certificate c WHERE c.sha256 BETWEEN low AND high
          UNION ALL
          SELECT o.certificate, by.rank, by.matched_by
          FROM certificate_own o
          CROSS JOIN LATERAL (VALUES (2, 'sha1', o.sha1 = the_sha1), (3, 'serial_number', o.serial_number = ANY (serials)),
                                     (4, 'key', o.spki_sha256 BETWEEN low AND high)) by (rank, matched_by, is_so)
          WHERE (o.sha1 = the_sha1 OR o.serial_number = ANY (serials) OR o.spki_sha256 BETWEEN low AND high) AND by.is_so
          UNION ALL
          SELECT n.certificate, 5, 'name' FROM named_certificates(what) n) x (certificate, rank, matched_by)
    ORDER BY x.certificate, x.rank;
END $$;

-- Endpoints by address, address:port, [address]:port or the name that was asked for. Each way walks an index.
CREATE FUNCTION endpoints_found(what text) RETURNS TABLE (endpoint bigint) LANGUAGE plpgsql STABLE ROWS 10 AS $$
#variable_conflict use_column
DECLARE
    parts text[] := regexp_match(btrim(what), '^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)|([0-9A-Fa-f:]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*))(?::([0-9]{1,5}))?$');
    the_address inet;
BEGIN
    IF parts IS NOT NULL THEN
        the_address := coalesce(parts[1], parts[2], parts[3])::inet;
        RETURN QUERY SELECT e.id FROM endpoint e WHERE e.address = the_address AND (parts[4] IS NULL OR e.port = parts[4]::integer);
    ELSE
        RETURN QUERY SELECT e.id FROM endpoint e
        WHERE e.server_name <> '' AND text_key(e.server_name) = text_key(regexp_replace(lower(btrim(what)), ':[0-9]{1,5}$', ''))
          AND (what !~ ':[0-9]{1,5}$' OR e.port = substring(what FROM ':([0-9]{1,5})$')::integer);
    END IF;
EXCEPTION WHEN invalid_text_representation THEN     -- 300.1.1.1 is no address
    RETURN;
END $$;
