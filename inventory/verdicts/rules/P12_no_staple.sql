-- title: Its CA answers OCSP, and the server staples no answer
-- version: 1
-- severity: info
-- applies to: any
-- source: RFC 9325, 3.3 (SHOULD); RFC 6066, 8
-- next step: Switch OCSP stapling on, where the CA still runs a responder.
WITH asked AS MATERIALIZED (
    SELECT d.certificate, d.endpoint, d.chain, p.ocsp_urls
    FROM place d JOIN certificate_own o USING (certificate) JOIN profile p ON p.id = o.profile
    WHERE p.ocsp_urls <> '{}' AND NOT coalesce(p.must_staple, false)),
stapled AS (
    SELECT o.endpoint, o.chain FROM asked a JOIN observation o USING (endpoint, chain) WHERE o.staple IS NOT NULL
    UNION SELECT o.endpoint, o.chain FROM asked a JOIN sighting o USING (endpoint, chain) WHERE o.staple IS NOT NULL)
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT DISTINCT 'P12', d.certificate, d.endpoint, 'info', jsonb_build_object('ocsp_urls', to_jsonb(d.ocsp_urls))
FROM asked d
LEFT JOIN stapled x ON x.endpoint = d.endpoint AND x.chain = d.chain
WHERE x.endpoint IS NULL
