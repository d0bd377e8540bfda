-- The interface for other programs: views that never change, except for new columns at their end. Times are UTC.

CREATE VIEW read_certificate AS
    SELECT n.certificate, encode(n.sha256, 'hex') AS sha256, n.name, f.serial_number, f.subject, f.issuer, f.dns_names, n.not_before,
           n.not_after, f.key_algorithm, f.key_bits, f.signature_algorithm, n.record, n.issuer AS issuer_class, n.time AS status,
           b.owner, b.contacts, n.place_count, n.first_seen, n.rules, s.name AS severity
    FROM certificate_now n
    JOIN certificate_facts f ON f.certificate = n.certificate
    LEFT JOIN owner_basis b ON b.id = n.owner_basis
    LEFT JOIN severity s ON s.rank = n.severity_rank
    WHERE n.is_leaf;
COMMENT ON VIEW read_certificate IS 'One row per certificate that is served as a leaf now, is recorded as managed, or lies in a file that counts.';
COMMENT ON COLUMN read_certificate.certificate IS 'its number in this database: joins the views';
COMMENT ON COLUMN read_certificate.sha256 IS 'of the DER, in hexadecimal';
COMMENT ON COLUMN read_certificate.name IS 'for people: a name of the subject or of its alternatives';
COMMENT ON COLUMN read_certificate.serial_number IS 'in hexadecimal, without leading zeros';
COMMENT ON COLUMN read_certificate.subject IS 'distinguished name, RFC 4514';
COMMENT ON COLUMN read_certificate.issuer IS 'distinguished name, RFC 4514';
COMMENT ON COLUMN read_certificate.dns_names IS 'of the subject alternative names';
COMMENT ON COLUMN read_certificate.not_before IS 'NULL: cannot be read';
COMMENT ON COLUMN read_certificate.not_after IS 'NULL: cannot be read';
COMMENT ON COLUMN read_certificate.key_algorithm IS 'rsa, ec, ed25519 ...';
COMMENT ON COLUMN read_certificate.key_bits IS 'NULL: cannot be read';
COMMENT ON COLUMN read_certificate.signature_algorithm IS 'of the issuers signature';
COMMENT ON COLUMN read_certificate.owner IS 'NULL: no rule and no record names one';
COMMENT ON COLUMN read_certificate.contacts IS 'addresses of the owner';
COMMENT ON COLUMN read_certificate.first_seen IS 'when it was first served';
COMMENT ON COLUMN read_certificate.rules IS 'numbers of the rules that it breaks now, read_finding has each';
COMMENT ON COLUMN read_certificate.record IS 'managed, unmanaged, accepted, or not judged';
COMMENT ON COLUMN read_certificate.issuer_class IS 'self-signed, own, approved, foreign, private, unknown, or not judged';
COMMENT ON COLUMN read_certificate.status IS 'not yet, ok, renewal due, expiring, expired, too long, or unknown';
COMMENT ON COLUMN read_certificate.place_count IS 'endpoints that serve it now';
COMMENT ON COLUMN read_certificate.severity IS 'of its worst finding; NULL: none';

CREATE VIEW read_place AS
    SELECT j.endpoint, t.name AS site, host(e.address) AS address, e.port, p.name AS transport, nullif(e.server_name, '') AS server_name,
           nullif(e.zone, '') AS zone, j.certificate, encode(c.sha256, 'hex') AS sha256, j.deployment, j.deployment_since, b.owner,
           b.contacts, n.tls_version, n.cipher_suite, n.protocol
    FROM endpoint_judged j
    JOIN endpoint e ON e.id = j.endpoint
    JOIN site t ON t.id = e.site
    JOIN transport p ON p.id = e.transport
    JOIN certificate c ON c.id = j.certificate
    LEFT JOIN endpoint_now n ON n.endpoint = j.endpoint
    LEFT JOIN owner_basis b ON b.id = j.owner_basis;
COMMENT ON VIEW read_place IS 'One row per endpoint and leaf that it serves now.';
COMMENT ON COLUMN read_place.endpoint IS 'its number in this database';
COMMENT ON COLUMN read_place.site IS 'in which the address means one host';
COMMENT ON COLUMN read_place.address IS 'IPv4 or IPv6';
COMMENT ON COLUMN read_place.port IS 'of the transport';
COMMENT ON COLUMN read_place.transport IS 'tcp or udp';
COMMENT ON COLUMN read_place.server_name IS 'the name that was asked for (SNI); NULL: none';
COMMENT ON COLUMN read_place.zone IS 'of a link-local IPv6 address';
COMMENT ON COLUMN read_place.certificate IS 'as in read_certificate';
COMMENT ON COLUMN read_place.sha256 IS 'of that certificate';
COMMENT ON COLUMN read_place.deployment_since IS 'as of which run deployment has this value';
COMMENT ON COLUMN read_place.owner IS 'of the place, else of the certificate';
COMMENT ON COLUMN read_place.contacts IS 'addresses of the owner';
COMMENT ON COLUMN read_place.protocol IS 'in which it was asked: tls, smtp, ldap ...';
COMMENT ON COLUMN read_place.deployment IS 'as recorded, superseded but served, other known, unknown here, not located, or not judged';
COMMENT ON COLUMN read_place.tls_version IS 'as on the wire: 772 is TLS 1.3';
COMMENT ON COLUMN read_place.cipher_suite IS 'number assigned by IANA';

CREATE VIEW read_finding AS
    SELECT f.rule, r.title, s.name AS severity, nullif(f.certificate, 0) AS certificate, nullif(f.endpoint, 0) AS endpoint, f.since,
           f.evidence, r.next_step, r.source
    FROM finding f
    JOIN rule r ON r.id = f.rule
    JOIN severity s ON s.rank = f.severity_rank;
COMMENT ON VIEW read_finding IS 'One row per rule that a certificate, an endpoint, or a certificate at an endpoint breaks now.';
COMMENT ON COLUMN read_finding.rule IS 'number of the rule: certsweep rules explain';
COMMENT ON COLUMN read_finding.title IS 'of the rule';
COMMENT ON COLUMN read_finding.severity IS 'critical, high, medium, low or info';
COMMENT ON COLUMN read_finding.since IS 'as of which run it is true';
COMMENT ON COLUMN read_finding.evidence IS 'what was compared';
COMMENT ON COLUMN read_finding.next_step IS 'for the owner';
COMMENT ON COLUMN read_finding.source IS 'clause that asks for it';
COMMENT ON COLUMN read_finding.certificate IS 'NULL: of the endpoint alone';
COMMENT ON COLUMN read_finding.endpoint IS 'NULL: of the certificate wherever it is';

CREATE VIEW read_scan AS
    SELECT s.id AS scan, s.scan_id, t.name AS site, CASE s.kind WHEN 1 THEN 'scan' WHEN 2 THEN 'capture' WHEN 3 THEN 'files' ELSE 'import' END AS kind,
           s.started_at, s.first_at, s.last_at, s.finished_at, s.space_size
    FROM scan s JOIN site t ON t.id = s.site;
COMMENT ON VIEW read_scan IS 'One row per run whose bundles were loaded.';
COMMENT ON COLUMN read_scan.scan IS 'its number in this database';
COMMENT ON COLUMN read_scan.scan_id IS 'as the bundle has it';
COMMENT ON COLUMN read_scan.site IS 'in which it ran';
COMMENT ON COLUMN read_scan.kind IS 'scan, capture, files or import';
COMMENT ON COLUMN read_scan.started_at IS 'by the clock of the scanner';
COMMENT ON COLUMN read_scan.first_at IS 'of its first answer';
COMMENT ON COLUMN read_scan.last_at IS 'of its last answer';
COMMENT ON COLUMN read_scan.space_size IS 'targets it was to ask: addresses times ports';
COMMENT ON COLUMN read_scan.finished_at IS 'NULL: a part of it is missing, so it says of nothing that it is gone';
