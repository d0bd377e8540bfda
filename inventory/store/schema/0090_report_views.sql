-- What reports read: a stable interface over facts, places, owners and verdicts. Axes are those of the last run; days are counted
-- from its as_of. Columns may be added, never renamed. Values computed per row (evidence, last seen) are computed only if
-- selected; lists sort by columns that certificate_now and finding have indexes for.

CREATE VIEW report_as_of AS
    SELECT coalesce((SELECT as_of FROM reconcile_run WHERE NOT is_replay AND finished_at IS NOT NULL
                     ORDER BY id DESC LIMIT 1), now()) AS as_of;

-- Decisions in force then.
CREATE VIEW decision_in_force AS
    SELECT d.* FROM decision d CROSS JOIN report_as_of r
    WHERE d.made_at <= r.as_of AND (d.until IS NULL OR d.until > r.as_of) AND (d.undone_at IS NULL OR d.undone_at > r.as_of);

-- By what else than what is in use did the last run judge? All of it, "A, B and C". Its basis (reconcile_basis.sql) is compared with that of a run now, but
-- for the rules of the program. NULL: by the same; nothing was judged; or this session is a replay, which judges by what was in use then.
CREATE FUNCTION judged_before() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT regexp_replace(nullif(concat_ws(', ',
               CASE WHEN NOT starts_with(r.basis, 'policy ' || p.id || ' ' || md5(p.document::text) || ' ')
                    THEN 'the policy in use' || CASE WHEN p.used_from > r.as_of THEN ' since '
                        || to_char(p.used_from AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' ELSE '' END END,
               CASE WHEN strpos(r.basis, ' owners ' || coalesce((SELECT max(id) FROM owner_import), 0) || ' ') = 0 THEN 'the owner rules in use' END,
               CASE WHEN strpos(r.basis, ' managed ' || EXISTS (SELECT FROM managed_import)) = 0 THEN 'the first managed source' END,
               CASE WHEN r.basis !~ ' managed (true|false)$' THEN 'this version of the rules' END), ''), ', ([^,]*)$', ' and \1')
    FROM (SELECT basis, as_of FROM reconcile_run WHERE NOT is_replay AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1) r
    CROSS JOIN (SELECT c.id, c.document, (SELECT max(u.used_from) FROM policy_use u WHERE u.policy = c.id) AS used_from FROM policy_current c) p
    WHERE to_regclass('pg_temp.report_as_of') IS NULL
$$;

-- The rule book that the verdicts are of, as policy_judged is the policy.
CREATE VIEW owner_import_judged AS
    SELECT i.* FROM owner_import i
    WHERE i.id = coalesce((SELECT substring(basis FROM ' owners (\d+) ')::bigint FROM reconcile_run
                           WHERE NOT is_replay AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1),
                          (SELECT max(id) FROM owner_import));

-- Until when runs and changes are told: as of an earlier day until then; else all of them, also what is not judged yet.
CREATE VIEW report_until AS
    SELECT CASE WHEN r.as_of < coalesce((SELECT as_of FROM reconcile_run WHERE NOT is_replay AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1), '-infinity')
                THEN r.as_of ELSE 'infinity' END AS until
    FROM report_as_of r;

-- ::text, because `text || integer` is no immutable operator: with it the function would not be inlined, and cost eight times as much.
CREATE FUNCTION place_text(address inet, port integer, server_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE family(address) WHEN 4 THEN host(address) ELSE '[' || host(address) || ']' END || ':' || port::text
           || CASE WHEN server_name = '' THEN '' ELSE ' (' || server_name || ')' END
$$;

-- Do places name the site "default", as they name any other? Then all do, as soon as another site is known (site_naming). Asked once for a statement:
-- (SELECT default_is_named()).
CREATE FUNCTION default_is_named() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT names_default FROM site_naming
$$;
-- The site of a place ahead of its text, as lists tell it; nothing where all that is listed is of one site.
CREATE FUNCTION site_ahead(site text, filter jsonb, names_default boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN filter->>'site' IS NULL AND (names_default OR site <> 'default') THEN site || ' ' ELSE '' END
$$;
-- And behind it, as documents and letters tell it.
CREATE FUNCTION at_site(site text, names_default boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN names_default OR site <> 'default' THEN ' at ' || site ELSE '' END
$$;

-- Is it for who keeps the policy alone, and nothing that an owner could do?
CREATE FUNCTION is_for_policy(rule text, issuer_kind text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT rule = 'H01' AND issuer_kind IS NOT DISTINCT FROM 'own'
$$;

-- What a rule asks for, where no CA can be asked or told: who made it is its own issuer.
CREATE FUNCTION issued_step(rule text, next_step text, issuer_kind text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN issuer_kind IS DISTINCT FROM 'self-signed' THEN next_step
                WHEN rule = 'C02' THEN 'Replace it with a certificate of your own or an approved CA, or with one signed with SHA-256.'
                WHEN rule = 'C04'
                THEN 'Make the next one shorter-lived, or replace it with a certificate of your own or an approved CA: it is self-signed.'
                WHEN rule IN ('C16', 'C24', 'C25', 'C26', 'C27')
                THEN 'Make another one without this fault, or replace it with a certificate of your own or an approved CA: it is self-signed.'
                ELSE next_step END
$$;
-- The step of a finding's rule, where the issuer makes a difference.
CREATE FUNCTION finding_step(rule text, next_step text, issuer_kind text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN is_for_policy(rule, issuer_kind)
                THEN 'Its issuer is your own CA: name the CA''s root in the policy ([trust store: NAME]), so that paths to it are found.'
                ELSE issued_step(rule, next_step, issuer_kind) END
$$;

-- Rules about the end of a certificate, whose day is its last safe one.
CREATE FUNCTION is_ending_rule(rule text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT rule IN ('C05', 'C06', 'C07')
$$;
-- And the renewal that documents tell before any rule asks for it.
CREATE FUNCTION is_about_end(rule text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT is_ending_rule(rule) OR rule = 'renewal'
$$;
-- Rules about what is late since its revocation, where it is revoked.
CREATE FUNCTION is_of_revoked(rule text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT rule IN ('H08', 'R15', 'C05')
$$;
-- Rules whose step ends with another certificate in the place of this one. is_foreign_forbidden: by the policy (forbid_foreign).
CREATE FUNCTION is_replacing_rule(rule text, is_foreign_forbidden boolean) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT rule IN ('C01', 'C02', 'C05', 'C14', 'C15', 'C20', 'C21', 'C23', 'H08', 'K01', 'K02', 'K05', 'K08', 'K09', 'K10', 'K11', 'K12', 'K13',
                    'K14', 'K15', 'K16', 'K21', 'K22', 'R15') OR (rule = 'R02' AND is_foreign_forbidden)
$$;
-- Does the policy that judged forbid certificates of foreign CAs?
CREATE FUNCTION is_foreign_forbidden() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce((SELECT (document ->> 'forbid_foreign')::boolean FROM policy_judged), false)
$$;

-- Is it over, and served nowhere: has it ended, is it revoked, or has another taken its place? Then nothing is to be done: it is told in lists with
-- its severity, has no day to act by, and is not urgent, overdue or due. An impostor (another key under the issuer and serial number of a managed
-- one) is never over: somebody made it. The columns are those of certificate_now; a CA certificate is never over, for its end breaks what it has
-- signed.
CREATE FUNCTION is_over(is_leaf boolean, place_count integer, "time" text, is_revoked boolean, record_step text, replaced_at timestamptz)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(is_leaf AND place_count = 0 AND ("time" = 'expired' OR is_revoked IS TRUE OR replaced_at IS NOT NULL)
                    AND record_step IS DISTINCT FROM 'R-impostor', false)
$$;
-- A moment that a record tells: a day without a time, which is kept as midnight of UTC, is that day in the policy's zone, too.
CREATE FUNCTION record_moment(told timestamptz, zone text) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN told = date_trunc('day', told, 'UTC') THEN (told AT TIME ZONE 'UTC') AT TIME ZONE zone ELSE told END
$$;
-- The day of a revocation in the policy's zone.
CREATE FUNCTION revoked_day(revoked_at timestamptz, zone text) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (record_moment(revoked_at, zone) AT TIME ZONE zone)::date
$$;
-- Does it need somebody soon, as the screen and owner_count count it? (certificate_now_urgent finds them.)
CREATE FUNCTION is_urgent(is_leaf boolean, severity_rank smallint, place_count integer, "time" text, is_revoked boolean, record_step text,
                          replaced_at timestamptz) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT is_leaf AND (severity_rank <= 2 OR "time" IN ('expired', 'expiring'))
           AND NOT is_over(is_leaf, place_count, "time", is_revoked, record_step, replaced_at)
$$;
-- What lists, documents, letters and their calendars say of a finding about it.
CREATE FUNCTION over_step(replaced_at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN replaced_at IS NULL THEN 'None: it is over, and served nowhere.' ELSE 'None: it was replaced, and is served nowhere.' END
$$;

-- One row per present policy hit. certificate NULL: the hit is about the endpoint only.
CREATE VIEW report_policy_hit AS
    SELECT nullif(v.certificate, 0) AS certificate, nullif(v.endpoint, 0) AS endpoint, v.rule, v.rule_version, r.title,
           s.name AS severity, v.severity_rank, v.evidence, r.source, r.next_step, v.since, v.next_change_at,
           st.name AS site, place_text(e.address, e.port, e.server_name) AS place
    FROM finding v
    JOIN severity s ON s.rank = v.severity_rank
    LEFT JOIN rule r ON r.id = v.rule
    LEFT JOIN endpoint e ON e.id = v.endpoint
    LEFT JOIN site st ON st.id = e.site;

-- One row per place and leaf that is served there now (each variant's chain; one leaf once).
CREATE VIEW report_place AS
    SELECT j.endpoint, j.certificate, st.name AS site, t.name AS transport, e.address, e.port,
           nullif(e.server_name, '') AS server_name, nullif(e.zone, '') AS zone,
           place_text(e.address, e.port, e.server_name) AS place,
           (SELECT ro.name FROM serving_current s JOIN role ro ON ro.id = s.role
            WHERE s.endpoint = j.endpoint AND s.leaf = j.certificate ORDER BY s.role LIMIT 1) AS role,
           (SELECT array_agg(DISTINCT v.name) FROM serving_current s JOIN variant v ON v.id = s.variant
            WHERE s.endpoint = j.endpoint AND s.leaf = j.certificate) AS variants,
           (SELECT bool_or(s.several) FROM serving_current s WHERE s.endpoint = j.endpoint AND s.leaf = j.certificate) AS several,
           (SELECT min(s.from_at) FROM serving_current s WHERE s.endpoint = j.endpoint AND s.leaf = j.certificate) AS first_seen,
           (SELECT max(s.to_at) FROM serving_current s WHERE s.endpoint = j.endpoint AND s.leaf = j.certificate) AS last_seen,
           (SELECT ob.protocol FROM observation ob JOIN scan ON scan.id = ob.scan AND ob.time <= scan.clock_limit
            WHERE ob.endpoint = j.endpoint AND ob.tls_version IS NOT NULL
            ORDER BY ob.variant = 1 DESC, ob.time DESC LIMIT 1) AS protocol,
           (SELECT ob.tls_version FROM observation ob JOIN scan ON scan.id = ob.scan AND ob.time <= scan.clock_limit
            WHERE ob.endpoint = j.endpoint AND ob.tls_version IS NOT NULL
            ORDER BY ob.variant = 1 DESC, ob.time DESC LIMIT 1) AS tls_version,
           (SELECT ob.cipher_suite FROM observation ob JOIN scan ON scan.id = ob.scan AND ob.time <= scan.clock_limit
            WHERE ob.endpoint = j.endpoint AND ob.tls_version IS NOT NULL
            ORDER BY ob.variant = 1 DESC, ob.time DESC LIMIT 1) AS cipher_suite_id,
           (SELECT cs.name FROM observation ob JOIN cipher_suite cs ON cs.id = ob.cipher_suite
            JOIN scan ON scan.id = ob.scan AND ob.time <= scan.clock_limit
            WHERE ob.endpoint = j.endpoint AND ob.tls_version IS NOT NULL
            ORDER BY ob.variant = 1 DESC, ob.time DESC LIMIT 1) AS cipher_suite,
           j.deployment, deployment_evidence(j.deployment, j.record_id, j.newer_record, j.expected_record) AS deployment_evidence,
           j.deployment_since, o.owner, o.contacts, o.environment, o.evidence AS owner_evidence
    FROM endpoint_judged j
    JOIN endpoint e ON e.id = j.endpoint
    JOIN site st ON st.id = e.site
    JOIN transport t ON t.id = e.transport
    LEFT JOIN owner_basis o ON o.id = j.owner_basis;

-- One row per leaf (position 0 as served, ever, or in the managed set), with all axes.
CREATE VIEW report_certificate AS
    SELECT n.certificate, encode(n.sha256, 'hex') AS sha256, n.name,
           f.subject, f.common_name, f.name_set AS names, f.issuer, n.issuer_name,
           f.serial_number, n.not_before, n.not_after, n.ends_at,
           floor(date_part('epoch', n.not_after - r.as_of) / 86400)::integer AS days_left,
           f.key_algorithm, f.key_bits, f.key_curve, f.signature_algorithm, f.signature_hash, f.is_ca, f.is_self_signed,
           f.broken,
           n.record, n.record_step, record_evidence(n.record_step, n.record_id, n.decision) AS record_evidence,
           n.issuer AS issuer_kind, issuer_evidence(n.issuer_step, n.predicate, n.certificate) AS issuer_evidence, n.time,
           (SELECT array_agg(DISTINCT j.deployment ORDER BY j.deployment) FROM endpoint_judged j
            WHERE j.certificate = n.certificate) AS deployments,
           n.place_count, n.first_seen,
           (SELECT max(s.to_at) FROM chain c JOIN serving s ON s.chain = c.id WHERE c.leaf = n.certificate) AS last_seen,
           o.owner, o.contacts, o.environment, o.evidence AS owner_evidence,
           sev.name AS severity, nullif(n.severity_rank, 9) AS severity_rank, n.hit_count, n.rules,
           ru.title AS worst_title, finding_step(n.worst_rule, ru.next_step, n.issuer) AS next_step,
           n.match_step, n.revoked_at, n.is_revoked, n.muted_until, n.newer_record, n.newer_certificate, n.candidate_record,
           n.is_automatic
    FROM certificate_now n
    CROSS JOIN report_as_of r
    JOIN certificate_facts f ON f.certificate = n.certificate
    LEFT JOIN owner_basis o ON o.id = n.owner_basis
    LEFT JOIN severity sev ON sev.rank = n.severity_rank
    LEFT JOIN rule ru ON ru.id = n.worst_rule
    WHERE n.is_leaf;
