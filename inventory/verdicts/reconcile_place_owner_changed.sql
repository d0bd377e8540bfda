-- Whose each place of a certificate in scope is, at an endpoint in scope or not, and each file where it counts. Few, and read several times.
CREATE TEMP TABLE place_owner AS
SELECT e.certificate, e.site, e.endpoint, e.deployment, e.owner_basis FROM scope_certificate x JOIN endpoint_judged e USING (certificate)
UNION ALL
SELECT x.certificate, f.site, NULL, NULL, f.owner_basis FROM scope_certificate x JOIN file_judged f USING (certificate);
ANALYZE place_owner
