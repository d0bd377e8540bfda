-- title: Its CA answers OCSP, and the server staples no answer
-- version: 1
-- severity: info
-- applies to: any
-- source: RFC 9325, 3.3 (SHOULD); RFC 6066, 8
-- next step: Switch OCSP stapling on, where the CA still runs a responder.
WITH stapled AS (
    SELECT o.endpoint, o.chain FROM observation o WHERE o.staple IS NOT NULL
    UNION SELECT o.endpoint, o.chain FROM sighting o WHERE o.staple IS NOT NULL)
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT DISTINCT 'P12', d.certificate, d.endpoint, 'info', jsonb_build_object('ocsp_urls', to_jsonb(f.ocsp_urls))
FROM place d
JOIN certificate_facts f USING (certificate)
LEFT JOIN stapled x ON x.endpoint = d.endpoint AND x.chain = d.chain
WHERE f.ocsp_urls <> '{}' AND NOT f.must_staple AND x.endpoint IS NULL
