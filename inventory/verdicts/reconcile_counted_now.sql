-- What reconcile_count_part.sql counts at the end of a run: its own results.
CREATE OR REPLACE TEMP VIEW counted_certificate AS
SELECT certificate, is_leaf, record, issuer, time, place_count, owner_basis, authority, severity_rank, not_before, not_after, record_id, is_renewed, is_automatic,
       is_revoked, record_step, replaced_at
FROM new_certificate;
CREATE TEMP VIEW site_of_several AS     -- of certificates in several sites: each of these
SELECT h.site, h.certificate, bool_or(h.is_served) AS is_served
FROM (SELECT e.site, e.certificate, true AS is_served FROM placed p JOIN endpoint_judged e USING (certificate) WHERE p.site IS NULL
      UNION ALL
      SELECT f.site, f.certificate, false FROM placed p JOIN file_judged f USING (certificate) WHERE p.site IS NULL) h
GROUP BY h.site, h.certificate;
CREATE OR REPLACE TEMP VIEW counted_site AS
SELECT site, certificate, place_count > 0 AS is_served FROM placed WHERE site IS NOT NULL
UNION ALL
SELECT site, certificate, is_served FROM site_of_several;
-- (Each part is grouped by itself: the planner has statistics of a table's columns, and none of a union's.)
CREATE OR REPLACE TEMP VIEW counted_there AS
SELECT site, is_leaf, record, issuer, time, place_count > 0 AS is_served, owner_basis IS NULL AS is_nobodys, authority, count(*) AS count
FROM new_certificate WHERE site IS NOT NULL
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
UNION ALL
SELECT s.site, n.is_leaf, n.record, n.issuer, n.time, s.is_served, n.owner_basis IS NULL, n.authority, count(*)
FROM site_of_several s JOIN new_certificate n USING (certificate)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
CREATE OR REPLACE TEMP VIEW counted_place AS
SELECT site, endpoint, deployment, owner_basis FROM new_endpoint;
CREATE OR REPLACE TEMP VIEW counted_several AS
SELECT DISTINCT endpoint FROM place WHERE NOT is_alone;
CREATE OR REPLACE TEMP VIEW counted_finding AS
SELECT rule, severity_rank, certificate, endpoint FROM new_finding
