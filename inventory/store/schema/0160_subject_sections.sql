-- Sections of `report certificate` and `report endpoint` that most subjects do not have, and the lines of `find`. Each command has a new session, to which planning a
-- statement costs many times what running it does; in plpgsql, a section that has no row is never planned.

-- What rules found, with the filter's conditions on findings, of these certificates or at these endpoints (the other is NULL).
CREATE FUNCTION subject_findings(filter jsonb, certificates bigint[], endpoints bigint[])
RETURNS TABLE (subject bigint, severity_rank smallint, rule text, said text, since timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF certificates IS NOT NULL AND EXISTS (SELECT FROM finding f WHERE f.certificate = ANY (certificates)) THEN
        RETURN QUERY
        SELECT f.certificate, f.severity_rank, f.rule,
               s.name || ': ' || ru.title || coalesce(' (' || evidence_text(f.evidence) || ')', '') || '. ' || ru.next_step, f.since
        FROM finding f JOIN severity s ON s.rank = f.severity_rank JOIN rule ru ON ru.id = f.rule
        WHERE f.certificate = ANY (certificates)
          AND (filter->'rule' IS NULL OR f.rule = ANY (ARRAY(SELECT upper(jsonb_array_elements_text(filter->'rule')))))
          AND (filter->'severity' IS NULL OR filter->'severity' ? s.name);
    ELSIF endpoints IS NOT NULL AND EXISTS (SELECT FROM finding f WHERE f.endpoint = ANY (endpoints) AND f.endpoint <> 0) THEN
        RETURN QUERY
        SELECT f.endpoint, f.severity_rank, f.rule,
               s.name || ': ' || ru.title || coalesce(' (' || evidence_text(f.evidence) || ')', '') || '. ' || ru.next_step, f.since
        FROM unnest(endpoints) e (id) CROSS JOIN LATERAL (SELECT * FROM finding f WHERE f.endpoint = e.id AND f.endpoint <> 0 LIMIT 1000) f
        JOIN severity s ON s.rank = f.severity_rank JOIN rule ru ON ru.id = f.rule
        WHERE (filter->'rule' IS NULL OR f.rule = ANY (ARRAY(SELECT upper(jsonb_array_elements_text(filter->'rule')))))
          AND (filter->'severity' IS NULL OR filter->'severity' ? s.name);
    END IF;
END $$;

-- Where captures and imports alone have shown these certificates, too long ago to count: the first 1,000 places.
CREATE FUNCTION certificates_unconfirmed(ids bigint[]) RETURNS TABLE (certificate bigint, place text, said text, last_seen timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF EXISTS (SELECT FROM endpoint_unconfirmed u WHERE u.certificate = ANY (ids)) THEN
        RETURN QUERY
        SELECT u.certificate, site.name || ' ' || place_text(e.address, e.port, e.server_name), unconfirmed_text(u.last_seen), u.last_seen
        FROM endpoint_unconfirmed u JOIN endpoint e ON e.id = u.endpoint JOIN site ON site.id = u.site
        WHERE u.certificate = ANY (ids) ORDER BY u.endpoint LIMIT 1000;
    END IF;
END $$;

-- In which files these certificates lie: the first 1,000 of each.
CREATE FUNCTION certificates_in_files(ids bigint[]) RETURNS TABLE (certificate bigint, place text, said text, last_at timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF EXISTS (SELECT FROM file_state_certificate c WHERE c.certificate = ANY (ids)) THEN
        RETURN QUERY
        SELECT f.certificate, site.name || ' ' || f.name,
               concat_ws('; ', f.kind, 'at byte ' || f.at_offset, 'alias ' || f.label, 'mode 0' || f.mode / 64 % 8 || f.mode / 8 % 8 || f.mode % 8, 'uid ' || f.uid), f.last_at
        FROM (SELECT f.*, row_number() OVER (PARTITION BY f.certificate ORDER BY f.host, f.path, f.inside) AS nth
              FROM file_certificate_now f WHERE f.certificate = ANY (ids)) f
        JOIN site ON site.id = f.site
        WHERE f.nth <= 1000;
    END IF;
END $$;

-- What captures and imports alone have shown at these endpoints, too long ago to count.
CREATE FUNCTION endpoints_unconfirmed(ids bigint[]) RETURNS TABLE (endpoint bigint, certificate text, said text, last_seen timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF EXISTS (SELECT FROM endpoint_unconfirmed u WHERE u.endpoint = ANY (ids)) THEN
        RETURN QUERY
        SELECT u.endpoint, coalesce(n.name, left(encode(c.sha256, 'hex'), 16)), unconfirmed_text(u.last_seen), u.last_seen
        FROM endpoint_unconfirmed u JOIN certificate c ON c.id = u.certificate LEFT JOIN certificate_now n ON n.certificate = u.certificate
        WHERE u.endpoint = ANY (ids);
    END IF;
END $$;

-- What these endpoints accept, as asked last.
CREATE FUNCTION endpoints_posture(ids bigint[]) RETURNS TABLE (endpoint bigint, item text, said text, "time" timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF EXISTS (SELECT FROM posture p WHERE p.endpoint = ANY (ids)) THEN
        RETURN QUERY
        SELECT p.endpoint, p.item, p.value || coalesce(' (' || p.detail || ')', ''), p.time FROM posture_current p WHERE p.endpoint = ANY (ids);
    END IF;
END $$;

-- Which records expect their certificate at these endpoints, where another one answered.
CREATE FUNCTION endpoints_expecting(ids bigint[]) RETURNS TABLE (endpoint bigint, record text, said text, since timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF EXISTS (SELECT FROM record_judged j WHERE j.endpoint = ANY (ids)) THEN
        RETURN QUERY
        SELECT j.endpoint, s.name || ', ' || r.file || ':' || r.line, concat_ws('; ', r.common_name, j.deployment, j.reason), j.since
        FROM record_judged j JOIN managed_record r ON r.id = j.record JOIN managed_source s ON s.id = r.source
        WHERE j.endpoint = ANY (ids);
    END IF;
END $$;

-- Certificates as `find` tells them.
CREATE FUNCTION found_certificates(ids bigint[], filter jsonb)
RETURNS TABLE (certificate bigint, sha256 bytea, name text, places text, owner text, status text, not_after timestamptz, ends_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF ids <> '{}' THEN
        RETURN QUERY
        SELECT c.id, c.sha256, coalesce(n.name, f.subject), placed.places, o.owner, n.time, n.not_after, n.ends_at
        FROM certificate c
        LEFT JOIN certificate_now n ON n.certificate = c.id
        LEFT JOIN certificate_own f ON f.certificate = c.id
        LEFT JOIN certificate_places(ids, filter) placed ON placed.certificate = c.id
        LEFT JOIN owner_basis o ON o.id = n.owner_basis
        WHERE c.id = ANY (ids);
    END IF;
END $$;

-- Endpoints as `find` tells them.
CREATE FUNCTION found_endpoints(ids bigint[])
RETURNS TABLE (address inet, port integer, server_name text, names text, owner text, status text, not_after timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF ids <> '{}' THEN
        RETURN QUERY
        SELECT e.address, e.port, e.server_name, held.names, o.owner,
               CASE WHEN s.gone_at IS NOT NULL THEN 'gone' WHEN held.endpoint IS NULL THEN coalesce(old.told, oc.name) ELSE oc.name END, held.not_after
        FROM endpoint e
        LEFT JOIN endpoint_now s ON s.endpoint = e.id
        LEFT JOIN outcome oc ON oc.id = s.last_outcome
        LEFT JOIN (SELECT j.endpoint, string_agg(n.name, ', ' ORDER BY n.name) AS names, min(n.not_after) AS not_after, min(j.owner_basis) AS owner_basis
                   FROM endpoint_judged j JOIN certificate_now n USING (certificate)
                   WHERE j.endpoint = ANY (ids) GROUP BY j.endpoint) held ON held.endpoint = e.id
        LEFT JOIN owner_basis o ON o.id = held.owner_basis
        LEFT JOIN LATERAL (SELECT unconfirmed_text(max(u.last_seen)) AS told FROM endpoint_unconfirmed u WHERE u.endpoint = e.id) old ON true
        WHERE e.id = ANY (ids);
    END IF;
END $$;
