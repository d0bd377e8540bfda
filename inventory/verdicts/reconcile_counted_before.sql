-- What reconcile_count_part.sql counts before this run has judged anything: what is in scope, as the runs before judged it. Few rows, read
-- several times: so tables. The views are for them what those of reconcile_counted_now.sql are for the results.
CREATE TEMP TABLE before_certificate AS
SELECT certificate, is_leaf, record, issuer, time, place_count, owner_basis, authority, severity_rank, not_before, not_after, record_id, is_renewed, is_automatic,
       is_revoked, record_step, replaced_at
FROM certificate_before;
CREATE TEMP TABLE before_site AS        -- the sites where each is: served, or only in a file
SELECT h.site, h.certificate, bool_or(h.is_served) AS is_served
FROM (SELECT e.site, e.certificate, true AS is_served FROM scope_certificate x JOIN endpoint_judged e USING (certificate)
      UNION ALL
      SELECT f.site, f.certificate, false FROM scope_certificate x JOIN file_judged f USING (certificate)) h
GROUP BY h.site, h.certificate;
CREATE TEMP TABLE before_place AS
SELECT site, endpoint, deployment, owner_basis FROM judged_at_endpoint;
CREATE TEMP TABLE before_finding AS
SELECT rule, severity_rank, certificate, endpoint FROM finding_before;
ANALYZE before_certificate; ANALYZE before_site; ANALYZE before_place; ANALYZE before_finding;
CREATE TEMP VIEW counted_certificate AS SELECT * FROM before_certificate;
CREATE TEMP VIEW counted_site AS SELECT * FROM before_site;
CREATE TEMP VIEW counted_there AS       -- how many certificates are alike at each site
SELECT s.site, n.is_leaf, n.record, n.issuer, n.time, s.is_served, n.owner_basis IS NULL AS is_nobodys, n.authority, count(*) AS count
FROM before_site s JOIN before_certificate n USING (certificate)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
CREATE TEMP VIEW counted_place AS SELECT * FROM before_place;
CREATE TEMP VIEW counted_several AS     -- endpoints with several of these
SELECT endpoint FROM before_place GROUP BY endpoint HAVING count(*) > 1;
CREATE TEMP VIEW counted_finding AS SELECT * FROM before_finding
