-- Puts everything into the scope.
ANALYZE judging;
CREATE TEMP VIEW answer_in_scope AS SELECT * FROM answer_span;
CREATE TEMP VIEW judged_at_endpoint AS SELECT * FROM endpoint_judged;
CREATE TEMP VIEW own_in_scope AS SELECT * FROM certificate_own;
CREATE TEMP VIEW certificate_before AS SELECT * FROM certificate_now;
CREATE TEMP VIEW match_before AS SELECT * FROM match_now;
CREATE TEMP VIEW finding_before AS SELECT * FROM finding;
CREATE TEMP VIEW due_in_scope AS
SELECT t.certificate, t.owner_basis, t.safe_until FROM certificate_now t
WHERE t.is_leaf AND t.place_count > 0 AND t.ends_at < (SELECT greatest(due_end_on(j.today + 91, 'customer'), due_end_on(j.today + 91, 'service')) FROM judging j);
CREATE TEMP VIEW hit_in_scope AS SELECT * FROM hit WHERE num_nonnulls(certificate, endpoint) > 0;
INSERT INTO scope_certificate SELECT certificate FROM certificate_facts;
INSERT INTO scope_certificate
SELECT n.certificate FROM certificate_now n LEFT JOIN certificate_facts f USING (certificate) WHERE f.certificate IS NULL;
INSERT INTO scope_endpoint SELECT id FROM endpoint;
INSERT INTO scope_record
SELECT r.id FROM judging j, managed_record r
WHERE r.valid_from <= j.as_of AND (r.valid_to IS NULL OR r.valid_to > j.as_of)
UNION SELECT record FROM record_judged;
ANALYZE scope_certificate; ANALYZE scope_endpoint; ANALYZE scope_record;
DELETE FROM now_count;              -- counted again by this run
DELETE FROM owner_count;
DELETE FROM ending_count;
DELETE FROM site_ca_count
