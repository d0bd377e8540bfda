-- What reports read: a stable interface over facts, places, owners and verdicts. Axes are those of the last run;
-- days are counted from its as_of. Columns may be added, never renamed.

CREATE VIEW report_as_of AS
    SELECT coalesce((SELECT as_of FROM reconcile_run WHERE NOT is_replay AND finished_at IS NOT NULL
                     ORDER BY id DESC LIMIT 1), now()) AS as_of;

CREATE FUNCTION place_text(address inet, port integer, server_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE family(address) WHEN 4 THEN host(address) ELSE '[' || host(address) || ']' END || ':' || port
           || CASE WHEN server_name = '' THEN '' ELSE ' (' || server_name || ')' END
$$;

-- One row per policy hit that is true now. certificate NULL: the endpoint's alone.
CREATE VIEW report_policy_hit AS
    SELECT v.certificate, v.endpoint, v.rule, v.rule_version, r.title, v.severity, s.rank AS severity_rank, v.evidence,
           r.source, r.next_step, v.since, v.next_change_at, st.name AS site,
           place_text(e.address, e.port, e.server_name) AS place
    FROM verdict v
    JOIN severity s ON s.name = v.severity
    LEFT JOIN rule r ON r.id = v.rule
    LEFT JOIN endpoint e ON e.id = v.endpoint
    LEFT JOIN site st ON st.id = e.site
    WHERE v.axis = 'policy' AND v.until IS NULL;

CREATE VIEW report_axis AS
    SELECT certificate,
           max(value) FILTER (WHERE axis = 'record') AS record,
           max(rule) FILTER (WHERE axis = 'record') AS record_step,
           max(evidence::text) FILTER (WHERE axis = 'record') AS record_evidence,
           max(value) FILTER (WHERE axis = 'issuer') AS issuer_kind,
           max(evidence::text) FILTER (WHERE axis = 'issuer') AS issuer_evidence,
           max(value) FILTER (WHERE axis = 'time') AS time
    FROM verdict
    WHERE until IS NULL AND axis IN ('record', 'issuer', 'time') AND certificate IS NOT NULL
    GROUP BY certificate;

-- One row per place and leaf that is served there now (each variant's chain; one leaf once).
CREATE VIEW report_place AS
    WITH served AS (
        SELECT s.endpoint, s.leaf AS certificate, s.role, min(s.from_at) AS first_seen, max(s.to_at) AS last_seen,
               array_agg(DISTINCT v.name) AS variants, bool_or(s.several) AS several
        FROM serving_current s JOIN variant v ON v.id = s.variant
        GROUP BY s.endpoint, s.leaf, s.role)
    SELECT served.endpoint, served.certificate, st.name AS site, t.name AS transport, e.address, e.port,
           nullif(e.server_name, '') AS server_name, nullif(e.zone, '') AS zone,
           place_text(e.address, e.port, e.server_name) AS place,
           ro.name AS role, served.variants, served.several, served.first_seen, served.last_seen,
           last.protocol, last.tls_version, last.cipher_suite AS cipher_suite_id, cs.name AS cipher_suite,
           d.value AS deployment, d.evidence AS deployment_evidence, d.since AS deployment_since,
           o.owner, o.contacts, o.environment, o.evidence AS owner_evidence
    FROM served
    JOIN endpoint e ON e.id = served.endpoint
    JOIN site st ON st.id = e.site
    JOIN transport t ON t.id = e.transport
    JOIN role ro ON ro.id = served.role
    LEFT JOIN LATERAL (
        SELECT ob.protocol, ob.tls_version, ob.cipher_suite FROM observation ob
        JOIN scan ON scan.id = ob.scan AND ob.time <= scan.clock_limit
        WHERE ob.endpoint = served.endpoint AND ob.tls_version IS NOT NULL
        ORDER BY ob.variant = 1 DESC, ob.time DESC LIMIT 1) last ON true
    LEFT JOIN cipher_suite cs ON cs.id = last.cipher_suite
    LEFT JOIN verdict d ON d.axis = 'deployment' AND d.until IS NULL AND d.certificate = served.certificate
                       AND d.endpoint = served.endpoint
    LEFT JOIN ownership o ON o.certificate = served.certificate AND o.endpoint = served.endpoint;

-- One row per leaf (position 0 as served, ever, or in the managed set), with all axes.
CREATE VIEW report_certificate AS
    WITH hit AS (
        SELECT certificate, min(severity_rank) AS rank, count(*) AS hit_count,
               array_agg(DISTINCT rule ORDER BY rule) AS rules
        FROM report_policy_hit WHERE certificate IS NOT NULL GROUP BY certificate),
    worst AS (
        SELECT DISTINCT ON (certificate) certificate, rule, title, next_step
        FROM report_policy_hit WHERE certificate IS NOT NULL
        ORDER BY certificate, severity_rank, rule),
    seen AS (
        SELECT c.leaf AS certificate, count(DISTINCT s.endpoint) FILTER (
                   WHERE s.closed_at IS NULL AND state.gone_at IS NULL) AS place_count,
               min(s.from_at) AS first_seen, max(s.to_at) AS last_seen
        FROM serving s JOIN chain c ON c.id = s.chain
        LEFT JOIN endpoint_state state ON state.endpoint = s.endpoint
        GROUP BY c.leaf)
    SELECT a.certificate, encode(cert.sha256, 'hex') AS sha256,
           coalesce(f.common_name, f.dns_names[1], host(f.ip_names[1]), f.subject, '(unreadable)') AS name,
           f.subject, f.common_name, f.name_set AS names, f.issuer,
           coalesce((SELECT substr(x, 4) FROM unnest(f.issuer_attributes) x WHERE x LIKE 'CN=%' LIMIT 1),
                    f.issuer) AS issuer_name,
           f.serial_number, f.not_before, f.not_after,
           floor(extract(epoch FROM f.not_after - r.as_of) / 86400)::integer AS days_left,
           f.key_algorithm, f.key_bits, f.key_curve, f.signature_algorithm, f.signature_hash, f.is_ca, f.is_self_signed,
           f.broken,
           a.record, a.record_step, a.record_evidence::jsonb AS record_evidence,
           a.issuer_kind, a.issuer_evidence::jsonb AS issuer_evidence, a.time,
           (SELECT array_agg(DISTINCT v.value ORDER BY v.value) FROM verdict v
            WHERE v.axis = 'deployment' AND v.until IS NULL AND v.certificate = a.certificate) AS deployments,
           coalesce(seen.place_count, 0) AS place_count, seen.first_seen, seen.last_seen,
           o.owner, o.contacts, o.environment, o.evidence AS owner_evidence,
           sev.name AS severity, hit.rank AS severity_rank, coalesce(hit.hit_count, 0) AS hit_count,
           coalesce(hit.rules, '{}') AS rules, worst.title AS worst_title, worst.next_step
    FROM report_axis a
    CROSS JOIN report_as_of r
    JOIN certificate cert ON cert.id = a.certificate
    JOIN certificate_facts f ON f.certificate = a.certificate
    LEFT JOIN seen ON seen.certificate = a.certificate
    LEFT JOIN LATERAL (SELECT * FROM ownership ow WHERE ow.certificate = a.certificate
                       ORDER BY ow.endpoint IS NOT NULL, ow.endpoint LIMIT 1) o ON true
    LEFT JOIN hit ON hit.certificate = a.certificate
    LEFT JOIN worst ON worst.certificate = a.certificate
    LEFT JOIN severity sev ON sev.rank = hit.rank;
