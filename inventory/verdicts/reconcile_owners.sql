-- Whose is each certificate at each place? The first matching line of the rule book; else what its managed record says.
CREATE TEMP TABLE owned AS
SELECT x.certificate, x.endpoint, coalesce(o.owner, m.owner) AS owner,
       CASE WHEN o.owner IS NOT NULL THEN o.contacts ELSE m.contacts END AS contacts,
       CASE WHEN o.owner IS NOT NULL THEN o.environment ELSE m.environment END AS environment,
       CASE WHEN o.owner IS NOT NULL THEN o.evidence ELSE m.evidence END AS evidence
FROM (SELECT DISTINCT d.certificate, d.endpoint, s.name AS site, e.address, e.server_name
      FROM deployed d JOIN endpoint e ON e.id = d.endpoint JOIN site s ON s.id = e.site
      UNION ALL SELECT l.certificate, NULL, NULL, NULL, NULL FROM leaf l) x
JOIN certificate_facts f USING (certificate)
LEFT JOIN LATERAL (
    SELECT r.owner, r.contacts, r.environment, i.file || ':' || r.line || ': ' || r.text AS evidence
    FROM owner_rule_current r JOIN owner_import i ON i.id = r.import
    WHERE (r.site IS NULL OR r.site = x.site)
      AND (r.first_address IS NULL OR (x.address BETWEEN r.first_address AND r.last_address
                                       AND family(x.address) = family(r.first_address)))
      AND (r.issuer_like IS NULL OR f.issuer ILIKE r.issuer_like)
      AND (r.name_suffix IS NULL OR EXISTS (
           SELECT FROM unnest(f.dns_names || ARRAY[coalesce(x.server_name, ''), lower(coalesce(f.common_name, ''))]) n
           WHERE n = r.name_suffix OR right(n, length(r.name_suffix) + 1) = '.' || r.name_suffix))
    ORDER BY r.line LIMIT 1) o ON true
LEFT JOIN LATERAL (
    SELECT r.owner, r.contacts, r.environment, 'managed record ' || r.file || ':' || r.line AS evidence
    FROM record_match m JOIN record_open r ON r.id = m.record
    WHERE m.certificate = x.certificate AND m.step <= 3 AND r.owner IS NOT NULL
    ORDER BY m.step, r.id LIMIT 1) m ON true
WHERE coalesce(o.owner, m.owner) IS NOT NULL;

-- Without a rule for the certificate by itself, it belongs to who owns all places where it is served.
INSERT INTO owned
SELECT DISTINCT ON (certificate) certificate, NULL::bigint, owner, contacts, environment, evidence
FROM owned o
WHERE NOT EXISTS (SELECT FROM owned n WHERE n.certificate = o.certificate AND (n.endpoint IS NULL OR n.owner <> o.owner))
ORDER BY certificate, evidence;
CREATE INDEX ON owned (certificate);
ANALYZE owned;
