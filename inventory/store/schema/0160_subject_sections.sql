-- Sections of `report certificate` and `report endpoint`, and the lines of `find`. Each command has a new session, to which planning a
-- statement costs many times what running it does: reading what the catalogue says of one table takes as long as looking up a hundred rows of it,
-- and a view takes as long as all its tables and expressions. In plpgsql, what has no row and what is not asked is never planned, and a statement
-- that runs twice is planned once.

-- "Replace it. By: 2026-12-31."; no day: the step alone.
CREATE FUNCTION step_by(step text, act_by date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT step || CASE WHEN act_by IS NULL THEN '' ELSE ' By: ' || act_by || '.' END
$$;

-- What rules found, with the filter's conditions on findings, of these certificates or at these endpoints (the other is NULL).
CREATE FUNCTION subject_findings(filter jsonb, certificates bigint[], endpoints bigint[])
RETURNS TABLE (subject bigint, severity_rank smallint, rule text, said text, since timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF certificates IS NOT NULL AND EXISTS (SELECT FROM finding f WHERE f.certificate = ANY (certificates)) THEN
        RETURN QUERY
        SELECT f.certificate, f.severity_rank, f.rule,
               s.name || ': ' || ru.title || coalesce(' (' || evidence_text(f.evidence) || ')', '') || '. ' || step_by(due.step, due.act_by), f.since
        FROM finding f JOIN severity s ON s.rank = f.severity_rank JOIN rule ru ON ru.id = f.rule
            LEFT JOIN certificate_now n ON n.certificate = f.certificate
        CROSS JOIN due_setting a
        CROSS JOIN LATERAL finding_due(f.endpoint = 0 AND is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at),
                                       n.replaced_at, f.rule, ru.next_step, n.issuer, f.severity_rank, f.since, n.safe_until, n.not_after,
                                           n.is_revoked, n.revoked_at, a.act_days, a.zone) due
        WHERE f.certificate = ANY (certificates)
          AND (filter->'rule' IS NULL OR f.rule = ANY (ARRAY(SELECT upper(jsonb_array_elements_text(filter->'rule')))))
          AND (filter->'severity' IS NULL OR filter->'severity' ? s.name);
    ELSIF endpoints IS NOT NULL AND EXISTS (SELECT FROM finding f WHERE f.endpoint = ANY (endpoints) AND f.endpoint <> 0) THEN
        RETURN QUERY
        SELECT f.endpoint, f.severity_rank, f.rule,
               s.name || ': ' || ru.title || coalesce(' (' || evidence_text(f.evidence) || ')', '') || '. '
               || step_by(due.step, due.act_by), f.since
        FROM unnest(endpoints) e (id) CROSS JOIN LATERAL (SELECT * FROM finding f WHERE f.endpoint = e.id AND f.endpoint <> 0 LIMIT 1000) f
        JOIN severity s ON s.rank = f.severity_rank JOIN rule ru ON ru.id = f.rule CROSS JOIN due_setting a
            LEFT JOIN certificate_now n ON n.certificate = f.certificate
        CROSS JOIN LATERAL finding_due(false, NULL, f.rule, ru.next_step, n.issuer, f.severity_rank, f.since, n.safe_until, n.not_after, n.is_revoked,
                                       n.revoked_at, a.act_days, a.zone) due
        WHERE (filter->'rule' IS NULL OR f.rule = ANY (ARRAY(SELECT upper(jsonb_array_elements_text(filter->'rule')))))
          AND (filter->'severity' IS NULL OR filter->'severity' ? s.name);
    END IF;
END $$;

-- What rules found at the places where these certificates are served, of each the first 1,000 within the filter: a row for each rule, with its
-- first three places, and the first day to act by (of what is about another certificate there, that one tells it).
CREATE FUNCTION place_findings(ids bigint[], filter jsonb) RETURNS TABLE (subject bigint, severity_rank smallint, rule text, said text,
    since timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    places bigint[] := ARRAY(SELECT j.endpoint FROM endpoint_judged j WHERE j.certificate = ANY (ids) ORDER BY j.endpoint LIMIT 1000);
BEGIN
    IF NOT EXISTS (SELECT FROM finding f WHERE f.endpoint = ANY (places) AND f.endpoint <> 0) THEN
        RETURN;
    END IF;
    IF filter ?| '{site,network,port}' THEN
        places := ARRAY(SELECT w.endpoint FROM endpoints_wanted((SELECT jsonb_object_agg(key, value) FROM jsonb_each(filter)
                                                                 WHERE key IN ('site', 'network', 'port')), places) w);
    END IF;
    RETURN QUERY
    SELECT g.certificate, g.severity_rank, g.rule,
           s.name || ': ' || ru.title || coalesce(' (' || g.evidence || ')', '') || ', at '
           || CASE WHEN cardinality(g.places) = 1 THEN '' ELSE counted_grouped(cardinality(g.places), 'place') || ': ' END
           || array_to_string(g.places[1:3], ', ') || CASE WHEN cardinality(g.places) > 3 THEN ' and more' ELSE '' END || '. '
               || step_by(ru.next_step, g.act_by), g.since
    FROM (SELECT j.certificate, f.rule, min(f.severity_rank) AS severity_rank, min(f.since) AS since, max(evidence_text(f.evidence)) AS evidence,
                 min(CASE WHEN f.certificate = 0 THEN finding_act_by(f.rule, f.severity_rank, f.since, NULL, NULL, a.act_days, a.zone) END) AS act_by,
                 array_agg(DISTINCT site.name || ' ' || place_text(e.address, e.port, e.server_name)) AS places
          FROM (SELECT DISTINCT j.certificate, j.endpoint FROM endpoint_judged j WHERE j.certificate = ANY (ids) AND j.endpoint = ANY (places)) j
          JOIN finding f ON f.endpoint = j.endpoint AND f.endpoint <> 0 AND f.certificate <> j.certificate
          JOIN endpoint e ON e.id = j.endpoint JOIN site ON site.id = e.site CROSS JOIN due_setting a
          WHERE (filter->'rule' IS NULL OR f.rule = ANY (ARRAY(SELECT upper(jsonb_array_elements_text(filter->'rule')))))
          GROUP BY j.certificate, f.rule) g
    JOIN severity s ON s.rank = g.severity_rank JOIN rule ru ON ru.id = g.rule
    WHERE filter->'severity' IS NULL OR filter->'severity' ? s.name;
END $$;

-- What one certificate says, was sent with and has been: sections `certificate`, `sent with it`, `trusted by`, `same key`, `history`.
CREATE FUNCTION certificate_lines(the_certificate bigint) RETURNS TABLE (ordinal integer, section text, item text, value text,
    at timestamptz) LANGUAGE plpgsql STABLE ROWS 25 AS $$
#variable_conflict use_column
DECLARE
    f certificate_own;
    p profile;
    sha256 bytea;
    as_of timestamptz := (SELECT r.as_of FROM report_as_of r);
    seconds double precision;       -- both ends are inside
    the_chain bigint := (SELECT c.id FROM chain c WHERE c.leaf = the_certificate ORDER BY c.id DESC LIMIT 1);
BEGIN
    SELECT o.* INTO f FROM certificate_own o WHERE o.certificate = the_certificate;
    IF FOUND THEN
        SELECT c.sha256 INTO sha256 FROM certificate c WHERE c.id = the_certificate;
        SELECT q.* INTO p FROM profile q WHERE q.id = f.profile;
        seconds := CASE WHEN f.not_after >= f.not_before THEN date_part('epoch', f.not_after - f.not_before) + 1 END;
        RETURN QUERY
        SELECT 100 + v.ordinal, 'certificate', v.item, v.value, v.at FROM (VALUES
            (1, 'subject', f.subject, NULL::timestamptz), (2, 'issuer', p.issuer, NULL), (3, 'names', array_to_string(f.name_set, ', '), NULL),
            (4, 'serial number', f.serial_number, NULL), (5, 'valid from', NULL, f.not_before), (6, 'valid until', NULL, f.not_after),
            (7, 'days left', days_between(as_of, f.not_after)::text, NULL),
            (9, 'key', concat_ws(' ', upper(p.key_algorithm), coalesce(p.key_curve, p.key_bits::text)), NULL),
            (11, 'signature', concat_ws(' ', p.signature_algorithm, p.signature_parameters), NULL),
            (12, 'use', array_to_string(coalesce(p.kinds, '{unknown}'), ', '), NULL), (17, 'validation', upper(p.validation), NULL),
            (20, 'revocation lists', nullif(array_to_string(p.crl_urls, ', '), ''), NULL), (21, 'OCSP', nullif(array_to_string(p.ocsp_urls, ', '), ''), NULL),
            (23, 'SCTs', nullif(f.sct_count, 0) || coalesce(': ' || CASE WHEN f.sct_count > 0 THEN log_names(f.sct_logs) END, ''), NULL),
                (26, 'not readable', nullif(array_to_string(f.broken, ', '), ''), NULL),
            (27, 'SHA-256', encode(sha256, 'hex'), NULL), (28, 'SHA-1', encode(f.sha1, 'hex'), NULL),
            (29, 'SHA-256 of the key', encode(f.spki_sha256, 'hex'), NULL),
            (8, 'life', ceil(seconds / 86400) || ' days, '
                      || greatest(0, least(100, floor(100 * date_part('epoch', as_of - f.not_before) / seconds))) || ' percent used', NULL),
            (10, 'strength', p.security_bits || ' bits' || CASE p.quantum_level WHEN 0 THEN ', none against a quantum computer'
                                                           ELSE coalesce(', NIST level ' || p.quantum_level || ' against a quantum computer', '') END, NULL),
            (13, 'key usage', array_to_string(p.key_usage, ', '), NULL), (14, 'extended key usage', array_to_string(p.extended_key_usage, ', '), NULL),
            (15, 'CA', CASE WHEN p.is_ca THEN 'yes' || coalesce(', path length ' || p.path_len, '') END, NULL),
            (16, 'name constraints', array_to_string(p.name_constraints, ', '), NULL), (18, 'policies', nullif(array_to_string(p.policies, ', '), ''), NULL),
            (22, 'CA certificates', nullif(array_to_string(p.ca_issuer_urls, ', '), ''), NULL), (19, 'must-staple', CASE WHEN p.must_staple THEN 'yes' END, NULL),
            (24, 'critical extensions', nullif(array_to_string(p.critical_extensions, ', '), ''), NULL), (25, 'version', p.version::text, NULL),
            (30, 'key id', encode(f.subject_key_id, 'hex'), NULL), (31, 'key id of the issuer', encode(p.authority_key_id, 'hex'), NULL)) v (ordinal, item, value, at);
    END IF;
    IF the_chain IS NOT NULL THEN
        RETURN QUERY
        SELECT 500, 'sent with it', cc.position::text, coalesce(n.name, o.subject), o.not_after
        FROM chain_certificate cc
        LEFT JOIN certificate_own o ON o.certificate = cc.certificate
        LEFT JOIN certificate_now n ON n.certificate = cc.certificate
        WHERE cc.chain = the_chain AND cc.position > 0;
    END IF;
    RETURN QUERY
    SELECT DISTINCT 510, 'trusted by', t.store_name, t.store_kind || coalesce('; ' || t.fault, ''), t.not_after
    FROM (SELECT * FROM certificates_trusted(ARRAY[the_certificate]) LIMIT 1000) t;
    RETURN QUERY
    SELECT 520, 'same key', encode(c.sha256, 'hex'), coalesce(n.name, o.subject), o.not_after
    FROM certificate_own o
    JOIN certificate c ON c.id = o.certificate
    LEFT JOIN certificate_now n ON n.certificate = o.certificate
    WHERE o.spki_sha256 = f.spki_sha256 AND o.certificate <> the_certificate;
    RETURN QUERY
    SELECT 600, 'history', v.axis,          -- what an axis was decided by has no title: its reason, where it has one
           CASE WHEN v.axis = 'policy' THEN v.rule || coalesce(': ' || r.title, '') ELSE v.value || coalesce(' (' || (v.evidence->>'reason') || ')', '') END
           || '; until ' || to_char(v.until AT TIME ZONE 'UTC', 'YYYY-MM-DD'), v.since
    FROM verdict_past v LEFT JOIN rule r ON r.id = v.rule AND v.axis = 'policy' WHERE v.certificate = the_certificate;
    IF the_chain IS NOT NULL THEN
        RETURN QUERY
        SELECT 610, 'history', 'served',
               place_text(e.address, e.port, e.server_name) || coalesce(' until ' || to_char(s.closed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), ''), s.from_at
        FROM (SELECT s.endpoint, min(s.from_at) AS from_at, CASE WHEN bool_and(s.closed_at IS NOT NULL) THEN max(s.closed_at) END AS closed_at
              FROM chain c JOIN answer_span s ON s.chain = c.id WHERE c.leaf = the_certificate
              GROUP BY s.endpoint ORDER BY min(s.from_at) LIMIT 1000) s
        JOIN endpoint e ON e.id = s.endpoint;
    END IF;
END $$;

-- Where these certificates are served: the first 1,000 places of each.
CREATE FUNCTION certificates_at(ids bigint[], filter jsonb) RETURNS TABLE (certificate bigint, place text, said text, last_seen timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    places bigint[];        -- NULL: all
BEGIN
    IF filter ?| '{site,network,port}' THEN
        places := ARRAY(SELECT w.endpoint FROM endpoints_wanted((SELECT jsonb_object_agg(key, value) FROM jsonb_each(filter) WHERE key IN ('site', 'network', 'port')),
                                                                ARRAY(SELECT j.endpoint FROM endpoint_judged j WHERE j.certificate = ANY (ids))) w);
    END IF;
    RETURN QUERY
    SELECT p.certificate, site.name || ' ' || place_text(e.address, e.port, e.server_name),
           concat_ws('; ', p.deployment, s.protocol, tls_version_name(s.tls_version), o.owner), seen.last_seen
    FROM (SELECT j.*, row_number() OVER (PARTITION BY j.certificate ORDER BY j.endpoint) AS place
          FROM endpoint_judged j WHERE j.certificate = ANY (ids) AND (places IS NULL OR j.endpoint = ANY (places))) p
    JOIN endpoint e ON e.id = p.endpoint
    JOIN site ON site.id = e.site
    LEFT JOIN endpoint_now s ON s.endpoint = e.id
    LEFT JOIN owner_basis o ON o.id = p.owner_basis
    LEFT JOIN LATERAL endpoints_last_seen(ARRAY[e.id]) seen ON true
    WHERE p.place <= 1000;
END $$;

-- The logs of a certificate's SCTs.
CREATE FUNCTION log_names(logs bytea[]) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT string_agg(coalesce(l.name || ' (' || l.operator || ')', 'a log not known'), ', ' ORDER BY l.name)
            FROM unnest(logs) s LEFT JOIN ct_log l ON l.log_id = s);
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
RETURNS TABLE (site text, address inet, port integer, server_name text, names text, owner text, status text, not_after timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF ids <> '{}' THEN
        RETURN QUERY
        SELECT site.name, e.address, e.port, e.server_name, held.names, o.owner,
               CASE WHEN s.gone_at IS NOT NULL THEN 'gone' WHEN held.endpoint IS NULL THEN coalesce(old.told, oc.name) ELSE oc.name END, held.not_after
        FROM endpoint e
        JOIN site ON site.id = e.site
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

-- Paths of these certificates up to roots, as certificate_path has them, of what this view reads only what is told here.
CREATE FUNCTION certificates_trusted(ids bigint[])
RETURNS TABLE (certificate bigint, store_name text, store_kind text, root bigint, not_after timestamptz, is_weak boolean, fault text) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT e.child, s.name, s.kind, p.root, least(p.not_after, o.not_after),
           p.is_weak OR coalesce((SELECT f.signature_hash IN ('md2', 'md4', 'md5') FROM profile f WHERE f.id = o.profile), false),
           coalesce(p.fault, CASE WHEN p.constrained <> '{}' AND names_violate(e.child, p.constrained) THEN 'name constraints' END)
    FROM edge e
    JOIN certificate_own o ON o.certificate = e.child
    JOIN ca_path p ON p.authority = e.authority
    JOIN trust_store s ON s.id = p.store
    WHERE e.child = ANY (ids) AND NOT EXISTS (SELECT FROM authority_certificate c WHERE c.certificate = e.child)
    UNION ALL
    SELECT p.ca, s.name, s.kind, p.root, p.not_after, p.is_weak, CASE WHEN p.fault NOT IN ('no CA', 'key usage') OR p.ca <> p.root THEN p.fault END
    FROM ca_path p
    JOIN trust_store s ON s.id = p.store
    WHERE p.ca = ANY (ids);
END $$;

-- Does the certificate violate the name constraints of one of these? Few paths have any, so few plan this.
CREATE FUNCTION names_violate(the_certificate bigint, cas bigint[]) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM name_violation v WHERE v.certificate = the_certificate AND v.ca = ANY (cas));
END $$;

-- What issuer_evidence() says, as text: the path is looked for only where it is told.
CREATE FUNCTION issuer_text(step text, predicate text, the_certificate bigint, issuer text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    path record;
BEGIN
    IF step IN ('I-self-signed', 'I-none', 'I-not-signed') OR step LIKE '%-names' OR (predicate IS NOT NULL AND step IN ('I-own', 'I-approved')) THEN
        RETURN evidence_text(issuer_evidence(step, predicate, the_certificate));
    END IF;
    SELECT CASE p.store_kind WHEN 'public' THEN 'public' ELSE 'known' END AS store, p.not_after, p.root INTO path
    FROM (SELECT p.* FROM certificates_trusted(ARRAY[the_certificate]) p WHERE p.fault IS NULL) p
    ORDER BY p.store_kind = 'public' DESC, p.is_weak, p.not_after DESC NULLS FIRST LIMIT 1;
    RETURN evidence_text(jsonb_strip_nulls(jsonb_build_object('issuer', issuer, 'store', path.store, 'path_not_after', path.not_after,
                         'root_sha256', encode((SELECT r.sha256 FROM certificate r WHERE r.id = path.root), 'hex'))));
END $$;

-- What was judged of these certificates.
CREATE FUNCTION certificates_judged(ids bigint[]) RETURNS TABLE (certificate bigint, ordinal integer, item text, value text, at timestamptz) LANGUAGE plpgsql STABLE ROWS 10
SET join_collapse_limit = 1 SET enable_memoize = off AS $$      -- as next_steps()
#variable_conflict use_column
DECLARE
    n certificate_now;
    o record;
    step record;
    issuer text;
BEGIN
    FOR n IN SELECT * FROM certificate_now c WHERE c.certificate = ANY (ids) AND c.record IS NOT NULL LOOP
        SELECT b.owner, b.contacts, b.evidence INTO o FROM owner_basis b WHERE b.id = n.owner_basis;
        SELECT p.issuer INTO issuer FROM certificate_own f JOIN profile p ON p.id = f.profile WHERE f.certificate = n.certificate;
        SELECT t.next_step_long AS said, t.act_by INTO step FROM next_step t WHERE t.certificate = n.certificate;
        RETURN QUERY VALUES
            (n.certificate, 1, 'record', n.record || coalesce(' (' || evidence_text(record_evidence(n.record_step, n.record_id, n.decision)) || ')', ''), n.record_since),
            (n.certificate, 2, 'issuer is', n.issuer || coalesce(' (' || issuer_text(n.issuer_step, n.predicate, n.certificate, issuer) || ')', ''), n.issuer_since),
            (n.certificate, 3, 'status', n.time, n.time_since),
            (n.certificate, 4, 'owner', CASE WHEN o.owner IS NULL THEN 'nobody' ELSE owner_shown(o.owner) END, NULL),
            (n.certificate, 5, 'contacts', nullif(array_to_string(o.contacts, ', '), ''), NULL),
            (n.certificate, 6, 'because', o.evidence, NULL),
            (n.certificate, 7, 'first seen', NULL, n.first_seen),
            (n.certificate, 8, 'next step', step.said, step.act_by);
    END LOOP;
END $$;

-- Issuers as `find` tells them.
CREATE FUNCTION found_issuers(filter jsonb) RETURNS TABLE (issuer text, count bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    pattern text := '%' || glob_like(btrim(filter->>'argument')) || '%';
    ids bigint[] := ARRAY(SELECT p.id FROM profile p WHERE p.issuer ILIKE pattern AND length(filter->>'argument') >= 3);
BEGIN
    IF ids = '{}' THEN
        RETURN;
    ELSIF filter - 'argument' = '{}' THEN
        RETURN QUERY
        SELECT p.issuer, count(*) FROM profile p JOIN certificate_own f ON f.profile = p.id WHERE p.id = ANY (ids) GROUP BY p.issuer;
    ELSE
        RETURN QUERY
        SELECT p.issuer, count(*) FROM profile p JOIN certificate_own f ON f.profile = p.id
        WHERE p.id = ANY (ids) AND f.certificate IN (SELECT w.certificate FROM certificates_wanted(filter - 'argument', NULL) w) GROUP BY p.issuer;
    END IF;
END $$;

-- Which of these owners (in any case) own something now, or stand in the rules in force? Those of earlier rules, to whom nothing belongs any more,
-- are former ones.
CREATE FUNCTION owners_present(owners text[]) RETURNS TABLE (owner text) LANGUAGE sql STABLE AS $$
    SELECT o.name FROM unnest(owners) o (name)
    WHERE EXISTS (SELECT FROM owner_basis b
                  WHERE lower(b.owner) = lower(o.name) AND NOT is_of_several(b.evidence)
                    AND (EXISTS (SELECT FROM certificate_now n WHERE n.owner_basis = b.id) OR EXISTS (SELECT FROM endpoint_judged j WHERE j.owner_basis = b.id)
                         OR EXISTS (SELECT FROM file_judged j WHERE j.owner_basis = b.id) OR EXISTS (SELECT FROM record_judged j
                             WHERE j.owner_basis = b.id)
                         OR EXISTS (SELECT FROM key_judged k WHERE k.owner_basis = b.id)))
       OR lower(o.name) IN (SELECT lower(r.owner) FROM owner_rule_current r)
$$;

-- Owners as `find` tells them, with their certificates; former ones in one row together (owner NULL, former: how many), which a filter leaves
-- out. records: of one without certificates, those that report recorded has. No owner is named like a hash or an address.
CREATE FUNCTION found_owners(filter jsonb) RETURNS TABLE (owner text, certificates bigint, records bigint, former bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    what text := filter->>'argument';
    narrowed jsonb := filter - 'argument';
    is_kept boolean := narrowed = '{}' AND EXISTS (SELECT FROM ending_count);
    owners text[];
BEGIN
    IF what ~ '^[][0-9a-fA-F:. -]{7,}$' OR length(what) < 3 THEN
        RETURN;
    END IF;
    owners := ARRAY(SELECT n.owner FROM owner_known n WHERE n.key LIKE '%' || glob_like(lower(btrim(what))) || '%'
                    AND EXISTS (SELECT FROM owner_basis b WHERE lower(b.owner) = n.key AND NOT is_of_several(b.evidence)));
    IF owners = '{}' THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH counted AS MATERIALIZED (
        SELECT lower(c.owner) AS key, sum(c.certificates)::bigint AS certificates
        FROM (SELECT k.owner, k.certificates FROM owner_count k WHERE is_kept
              UNION ALL SELECT w.owner, w.certificates FROM owners_counted(narrowed, NULL, is_kept) w) c
        GROUP BY 1
    ), named AS MATERIALIZED (
        SELECT o.name, coalesce(c.certificates, 0) AS certificates, CASE WHEN narrowed = '{}' THEN o.name IN (SELECT p.owner
            FROM owners_present(owners) p) ELSE c.key IS NOT NULL END AS is_here
        FROM unnest(owners) o (name) LEFT JOIN counted c ON c.key = lower(o.name)
    )
    SELECT n.name, n.certificates, h.records, NULL::bigint
    FROM named n
    LEFT JOIN (SELECT m.name, count(*) AS records
               FROM record_judged j JOIN managed_record r ON r.id = j.record LEFT JOIN owner_basis o ON o.id = j.owner_basis
               JOIN named m ON m.certificates = 0 AND lower(m.name) = lower(coalesce(o.owner, r.owner, r.department))
               WHERE narrowed = '{}' GROUP BY m.name) h ON h.name = n.name
    WHERE n.is_here
    UNION ALL
    SELECT NULL, NULL, NULL, count(*) FROM named n WHERE NOT n.is_here AND narrowed = '{}' HAVING count(*) > 0;
END $$;

-- Managed records with this common name or serial number.
CREATE FUNCTION records_called(what text) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT r.id FROM managed_record r
                 WHERE (text_key(r.common_name) = text_key(lower(what)) AND r.common_name = lower(what))
                    OR r.serial_key = text_key(ltrim(regexp_replace(lower(what), '^0x|[: ]', '', 'g'), '0')))
$$;

-- Managed records that no certificate matches, as `find` tells them. listed: by which name report recorded has it; NULL: it has not.
CREATE FUNCTION found_records(filter jsonb)
RETURNS TABLE (source text, name text, location text, owner text, not_after timestamptz, sha256 bytea, listed text) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    ids bigint[] := records_called(filter->>'argument');
BEGIN
    IF ids = '{}' OR filter ?| '{site,network,port,rule,severity,kind,within,due}' THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT s.name, coalesce(r.common_name, r.subject), r.location, coalesce(o.owner, r.owner), r.not_after, r.sha256,
           CASE WHEN j.record IS NOT NULL THEN r.common_name END
    FROM managed_record r JOIN managed_source s ON s.id = r.source
    LEFT JOIN record_judged j ON j.record = r.id LEFT JOIN owner_basis o ON o.id = j.owner_basis
    WHERE r.id = ANY (ids) AND r.valid_to IS NULL AND NOT EXISTS (SELECT FROM certificate_now n WHERE n.record_id = r.id)
      AND (filter->>'source' IS NULL OR s.name = filter->>'source')
      AND (filter->>'owner' IS NULL OR lower(coalesce(r.owner, r.department, '')) = lower(filter->>'owner'))
      AND (filter->>'issuer' IS NULL OR r.issuer ILIKE '%' || glob_like(filter->>'issuer') || '%')
      AND (filter->>'name' IS NULL OR EXISTS (SELECT FROM unnest(r.name_set || r.common_name) n WHERE lower(n) LIKE glob_like(lower(filter->>'name'))));
END $$;
