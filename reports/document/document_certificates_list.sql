-- An owner's certificates by the day they end. $1 rows at most. Columns: name, record, issuer, valid until, days left, places,
-- key, first seen, SHA-256, certificates in all, files, other owners, where a record without a certificate (which has no key and no SHA-256) says
-- it is, by what it was replaced and since when, where nothing serves it.
SELECT c.name, c.record, coalesce(c.issuer_name, '') AS issuer, (c.not_after AT TIME ZONE z.zone)::date, (c.not_after AT TIME ZONE z.zone)::date - r.today AS days,
       (SELECT string_agg(t.text, ', ' ORDER BY t.text) FROM (
            SELECT place_text(e.address, e.port, e.server_name) || at_site(site.name, (SELECT default_is_named())) AS text
            FROM document_place d JOIN endpoint e ON e.id = d.endpoint JOIN site ON site.id = e.site
            WHERE d.certificate = c.certificate AND d.owner = c.owner AND d.endpoint <> 0 LIMIT 8) t) AS places,
       f.key_algorithm || coalesce(' ' || f.key_curve, ' ' || f.key_bits, '') AS key, (n.first_seen AT TIME ZONE z.zone)::date AS first_seen,
       encode(n.sha256, 'hex') AS sha256, c.certificates,
       (SELECT string_agg(t.text, ', ' ORDER BY t.text) FROM (
            SELECT file_place_text(p.host, p.path, p.inside) || at_site(site.name, (SELECT default_is_named())) AS text
            FROM document_place d JOIN file_place p ON p.id = d.file JOIN site ON site.id = p.site
            WHERE d.certificate = c.certificate AND d.owner = c.owner LIMIT 8) t) AS files, c.also_at, record_places(q.record) AS recorded_at,
       CASE WHEN n.replaced_at IS NOT NULL AND NOT c.is_served THEN substr(s.what, length('None: ') + 1) END AS replaced
FROM (SELECT d.*, count(*) OVER () AS certificates FROM document_certificate d ORDER BY d.not_after, d.name COLLATE "C", d.certificate LIMIT $1::bigint) c
CROSS JOIN report_today r CROSS JOIN due_setting z
LEFT JOIN certificate_now n ON n.certificate = c.certificate
LEFT JOIN certificate_facts f ON f.certificate = c.certificate
LEFT JOIN document_record q ON q.subject = c.certificate
LEFT JOIN next_steps(ARRAY(SELECT n.certificate FROM document_certificate d JOIN certificate_now n USING (certificate)
                           WHERE n.replaced_at IS NOT NULL AND NOT d.is_served
                           ORDER BY d.not_after, d.name COLLATE "C", d.certificate LIMIT $1::bigint)) s
       ON s.certificate = c.certificate AND s.what LIKE 'None: replaced by %'
ORDER BY c.not_after, c.name COLLATE "C", c.certificate
