-- What reconcile_count_part.sql counts before this run has judged anything: what is in scope, as the runs before judged it.
CREATE TEMP VIEW counted_certificate AS
SELECT n.certificate, n.is_leaf, n.record, n.issuer, n.time, n.place_count, n.owner_basis, n.authority, n.severity_rank
FROM scope_certificate x JOIN certificate_now n USING (certificate);
CREATE TEMP VIEW counted_site AS        -- the sites where each is: served, or only in a file
SELECT h.site, h.certificate, bool_or(h.is_served) AS is_served
FROM (SELECT e.site, e.certificate, true AS is_served FROM scope_certificate x JOIN endpoint_judged e USING (certificate)
      UNION ALL
      SELECT f.site, f.certificate, false FROM scope_certificate x JOIN file_judged f USING (certificate)) h
GROUP BY h.site, h.certificate;
CREATE TEMP VIEW counted_place AS
SELECT e.site, e.endpoint, e.deployment, e.owner_basis FROM scope_endpoint x JOIN endpoint_judged e USING (endpoint);
CREATE TEMP VIEW counted_finding AS
SELECT f.rule, f.severity_rank, f.certificate, f.endpoint
FROM scope_certificate x JOIN finding f ON f.certificate = x.certificate AND f.endpoint = 0
UNION ALL
SELECT f.rule, f.severity_rank, f.certificate, f.endpoint
FROM scope_endpoint x JOIN finding f ON f.endpoint = x.endpoint AND f.endpoint <> 0
