-- What only the inventory knows of the certificates that these endpoints serve now. $1 endpoints. Columns:
-- endpoint, then as items (kept_tests.h): SSLv2 with the same key, protocols of the same certificate, the same key
-- elsewhere, weak keys, revocation; each as value and detail. A service is identified by its STARTTLS dialect, or,
-- for TLS at once, by its port.
WITH mine AS MATERIALIZED (
    SELECT j.endpoint, j.certificate, c.spki_sha256, c.serial_number
    FROM endpoint_judged j JOIN certificate_own c USING (certificate) WHERE j.endpoint = ANY ($1::bigint[])
), same AS MATERIALIZED (       -- every endpoint that serves one of these keys now
    SELECT DISTINCT k.spki_sha256, c.certificate, j.endpoint, s.protocol, e.address, e.port, e.server_name,
           CASE WHEN s.protocol IS DISTINCT FROM 'tls' THEN s.protocol
                WHEN e.port IN (443, 8443, 4443, 9443) THEN 'http' WHEN e.port = 465 THEN 'smtp' WHEN e.port = 993 THEN 'imap'
                WHEN e.port = 995 THEN 'pop3' WHEN e.port = 990 THEN 'ftp' WHEN e.port IN (636, 3269) THEN 'ldap'
                WHEN e.port = 853 THEN 'dns' ELSE 'tls at ' || e.port END AS service
    FROM (SELECT DISTINCT spki_sha256 FROM mine WHERE spki_sha256 IS NOT NULL) k
    JOIN certificate_own c ON c.spki_sha256 = k.spki_sha256
    JOIN endpoint_judged j ON j.certificate = c.certificate
    JOIN endpoint e ON e.id = j.endpoint
    LEFT JOIN endpoint_now s ON s.endpoint = j.endpoint
), sslv2 AS (
    SELECT DISTINCT ON (p.endpoint) p.endpoint, p.value FROM posture p JOIN scan ON scan.id = p.scan AND p.time <= scan.clock_limit
    WHERE p.item = 'sslv2' AND p.endpoint IN (SELECT endpoint FROM same) ORDER BY p.endpoint, p.value = 'untested', p.time DESC
), places AS (
    SELECT m.endpoint, count(DISTINCT s.endpoint) FILTER (WHERE s.certificate <> m.certificate) AS others,
           count(DISTINCT s.endpoint) FILTER (WHERE v.value IS NULL OR v.value = 'untested') AS unasked,
           min(place_text(s.address, s.port, s.server_name)) FILTER (WHERE s.certificate <> m.certificate) AS other,
           min(place_text(s.address, s.port, s.server_name)) FILTER (WHERE v.value = 'accepted') AS sslv2_place,
           count(DISTINCT s.service) FILTER (WHERE s.certificate = m.certificate) AS services,
           string_agg(DISTINCT s.service, ', ') FILTER (WHERE s.certificate = m.certificate) AS service_list
    FROM mine m JOIN same s USING (spki_sha256) LEFT JOIN sslv2 v ON v.endpoint = s.endpoint
    GROUP BY m.endpoint
), weak AS (
    SELECT m.endpoint, string_agg(DISTINCT w.weakness, ', ') AS list FROM mine m JOIN key_weakness w USING (spki_sha256) GROUP BY m.endpoint
), told AS (
    SELECT m.endpoint, bool_or(n.is_revoked) AS is_revoked, min(n.revoked_at) AS revoked_at, max(l.this_update) AS list_at, max(g.this_update) AS good_at
    FROM mine m LEFT JOIN certificate_now n USING (certificate)
    LEFT JOIN edge d ON d.child = m.certificate
    LEFT JOIN LATERAL (SELECT max(l.this_update) AS this_update FROM crl l
                       WHERE l.authority = d.authority AND l.is_complete AND l.points = '{}' AND l.scope IN ('all', 'users')) l ON true
    LEFT JOIN ocsp_good g ON g.authority = d.authority AND g.serial_number = m.serial_number
    GROUP BY m.endpoint
)
SELECT p.endpoint,
       CASE WHEN p.sslv2_place IS NOT NULL THEN 'accepted' WHEN p.unasked = 0 THEN 'refused' ELSE 'untested' END,
       coalesce(p.sslv2_place, CASE WHEN p.unasked > 0 THEN p.unasked || ' of the endpoints with this key were not asked for it' END, ''),
       p.services::text, coalesce(p.service_list, ''), p.others::text, coalesce(p.other, ''),
       CASE WHEN w.list IS NULL THEN 'refused' ELSE 'accepted' END, coalesce(w.list, ''),
       CASE WHEN t.is_revoked THEN 'revoked' WHEN greatest(t.list_at, t.good_at) IS NOT NULL THEN 'good' ELSE 'unknown' END,
       CASE WHEN t.is_revoked THEN coalesce(to_char(t.revoked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), '')
            WHEN t.good_at IS NOT NULL AND t.good_at >= coalesce(t.list_at, t.good_at) THEN 'OCSP response of ' || to_char(t.good_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
            WHEN t.list_at IS NOT NULL THEN 'revocation list of ' || to_char(t.list_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
            ELSE 'no revocation list or OCSP response is known' END
FROM places p LEFT JOIN weak w USING (endpoint) LEFT JOIN told t USING (endpoint)
