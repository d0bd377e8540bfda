-- title: The certificate promises a stapled OCSP answer, and the server sends none
-- version: 2
-- severity: high
-- applies to: any
-- source: RFC 7633, 4.3.3
-- next step: Switch OCSP stapling on, or take a certificate without this promise.
-- A client that a capture has seen may not have asked for an answer, and an import does not tell: only what a scan asked proves it.
WITH promised AS MATERIALIZED (
    SELECT d.certificate, d.endpoint, d.chain
    FROM place d JOIN certificate_own o USING (certificate) JOIN profile p ON p.id = o.profile
    WHERE p.must_staple)
INSERT INTO hit (rule, certificate, endpoint, severity, evidence)
SELECT DISTINCT 'P11', d.certificate, d.endpoint, 'high', jsonb_build_object('must_staple', true)
FROM promised d
WHERE EXISTS (SELECT FROM observation o WHERE o.endpoint = d.endpoint AND o.chain = d.chain AND o.method = 1)
  AND NOT EXISTS (SELECT FROM observation o WHERE o.endpoint = d.endpoint AND o.chain = d.chain AND o.staple IS NOT NULL)
  AND NOT EXISTS (SELECT FROM sighting o WHERE o.endpoint = d.endpoint AND o.chain = d.chain AND o.staple IS NOT NULL)
