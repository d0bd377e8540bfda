-- What differs from what was true until now: verdicts that no longer hold are closed at this run's moment, new ones
-- begin there, and those that go on get their evidence of today.
-- One full join finds all three (a NULL is a 0 there, so that it can hash), and the rest goes by id.
CREATE TEMP TABLE difference AS
SELECT v.id AS standing, n.axis IS NOT NULL AS holds, n.axis, n.rule, n.rule_version, n.certificate, n.endpoint, n.record,
       n.value, n.severity, n.evidence, n.next_change_at,
       (v.evidence, v.rule_version, v.next_change_at) IS DISTINCT FROM (n.evidence, n.rule_version, n.next_change_at) AS told_anew
FROM (SELECT * FROM verdict WHERE until IS NULL) v
FULL JOIN judged n
  ON n.axis = v.axis AND n.rule = v.rule AND n.value = v.value AND coalesce(n.severity, '') = coalesce(v.severity, '')
 AND coalesce(n.certificate, 0) = coalesce(v.certificate, 0) AND coalesce(n.endpoint, 0) = coalesce(v.endpoint, 0)
 AND coalesce(n.record, 0) = coalesce(v.record, 0);
DELETE FROM difference WHERE holds AND standing IS NOT NULL AND NOT told_anew;
CREATE INDEX ON difference (standing);
ANALYZE difference;

UPDATE verdict v SET until = greatest(j.as_of, v.since)
FROM judging j, difference d
WHERE d.standing = v.id AND NOT d.holds;

UPDATE verdict v SET evidence = d.evidence, next_change_at = d.next_change_at, rule_version = d.rule_version
FROM difference d
WHERE d.standing = v.id AND d.holds;

INSERT INTO verdict (axis, rule, rule_version, certificate, endpoint, record, value, severity, evidence, since, next_change_at)
SELECT d.axis, d.rule, d.rule_version, d.certificate, d.endpoint, d.record, d.value, d.severity, d.evidence, j.as_of,
       d.next_change_at
FROM judging j, difference d
WHERE d.standing IS NULL;

DELETE FROM ownership o
WHERE NOT EXISTS (SELECT FROM owned n WHERE n.certificate = o.certificate AND coalesce(n.endpoint, 0) = coalesce(o.endpoint, 0));
INSERT INTO ownership (certificate, endpoint, owner, contacts, environment, evidence)
SELECT certificate, endpoint, owner, contacts, environment, evidence FROM owned
ON CONFLICT (certificate, (coalesce(endpoint, 0))) DO UPDATE
SET owner = excluded.owner, contacts = excluded.contacts, environment = excluded.environment, evidence = excluded.evidence
WHERE (ownership.owner, ownership.contacts, ownership.environment, ownership.evidence)
      IS DISTINCT FROM (excluded.owner, excluded.contacts, excluded.environment, excluded.evidence);
