-- What differs from what was true until now: verdicts that no longer hold are closed at this run's moment, new ones
-- begin there, and those that go on get their evidence of today.
CREATE INDEX ON judged (certificate);
ANALYZE judged;

UPDATE verdict v SET until = greatest(j.as_of, v.since)
FROM judging j
WHERE v.until IS NULL
  AND NOT EXISTS (SELECT FROM judged n
                  WHERE n.axis = v.axis AND n.rule = v.rule AND n.value = v.value
                    AND coalesce(n.certificate, 0) = coalesce(v.certificate, 0) AND coalesce(n.endpoint, 0) = coalesce(v.endpoint, 0)
                    AND coalesce(n.record, 0) = coalesce(v.record, 0) AND n.severity IS NOT DISTINCT FROM v.severity);

UPDATE verdict v SET evidence = n.evidence, next_change_at = n.next_change_at, rule_version = n.rule_version
FROM judged n
WHERE v.until IS NULL AND n.axis = v.axis AND n.rule = v.rule AND n.value = v.value
  AND coalesce(n.certificate, 0) = coalesce(v.certificate, 0) AND coalesce(n.endpoint, 0) = coalesce(v.endpoint, 0)
  AND coalesce(n.record, 0) = coalesce(v.record, 0)
  AND (v.evidence, v.rule_version) IS DISTINCT FROM (n.evidence, n.rule_version);

INSERT INTO verdict (axis, rule, rule_version, certificate, endpoint, record, value, severity, evidence, since, next_change_at)
SELECT n.axis, n.rule, n.rule_version, n.certificate, n.endpoint, n.record, n.value, n.severity, n.evidence, j.as_of,
       n.next_change_at
FROM judging j, judged n
WHERE NOT EXISTS (SELECT FROM verdict v
                  WHERE v.until IS NULL AND n.axis = v.axis AND n.rule = v.rule AND n.value = v.value
                    AND coalesce(n.certificate, 0) = coalesce(v.certificate, 0) AND coalesce(n.endpoint, 0) = coalesce(v.endpoint, 0)
                    AND coalesce(n.record, 0) = coalesce(v.record, 0));

DELETE FROM ownership o
WHERE NOT EXISTS (SELECT FROM owned n WHERE n.certificate = o.certificate AND coalesce(n.endpoint, 0) = coalesce(o.endpoint, 0));
INSERT INTO ownership (certificate, endpoint, owner, contacts, environment, evidence)
SELECT certificate, endpoint, owner, contacts, environment, evidence FROM owned
ON CONFLICT (certificate, (coalesce(endpoint, 0))) DO UPDATE
SET owner = excluded.owner, contacts = excluded.contacts, environment = excluded.environment, evidence = excluded.evidence
WHERE (ownership.owner, ownership.contacts, ownership.environment, ownership.evidence)
      IS DISTINCT FROM (excluded.owner, excluded.contacts, excluded.environment, excluded.evidence);
