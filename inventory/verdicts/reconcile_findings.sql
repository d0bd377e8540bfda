-- Compares the hits of the rules with the findings of the last run. Those of certificates that might have been managed, and are not, count nowhere.
DELETE FROM hit h USING known k LEFT JOIN axes a USING (certificate)
WHERE k.is_maybe AND a.record IS DISTINCT FROM 'managed' AND h.certificate = k.certificate;
ANALYZE hit (rule, severity);
CREATE TEMP TABLE new_finding AS
SELECT coalesce(h.certificate, 0) AS certificate, coalesce(h.endpoint, 0) AS endpoint, h.rule, r.version AS rule_version,
       s.rank AS severity_rank, jsonb_strip_nulls(h.evidence) AS evidence, h.next_change_at
FROM hit_in_scope h JOIN rule r ON r.id = h.rule JOIN severity s ON s.name = h.severity;
ANALYZE new_finding;

-- Only what differs: at: the new row, NULL if it ended; certificate: NULL if it is new.
CREATE TEMP TABLE compared_finding AS
SELECT o.certificate, o.endpoint, o.rule, n.ctid AS at, n.severity_rank IS DISTINCT FROM o.severity_rank AS is_other
FROM finding_before o FULL JOIN new_finding n ON n.certificate = o.certificate AND n.endpoint = o.endpoint AND n.rule = o.rule
WHERE n.rule IS NULL OR o.rule IS NULL OR n.severity_rank <> o.severity_rank OR n.rule_version <> o.rule_version
   OR n.next_change_at IS DISTINCT FROM o.next_change_at OR n.evidence <> o.evidence;
ANALYZE compared_finding;

INSERT INTO verdict_past (axis, rule, certificate, endpoint, value, severity, evidence, since, until)
SELECT 'policy', o.rule, nullif(o.certificate, 0), nullif(o.endpoint, 0), 'hit', s.name, o.evidence, o.since,
       greatest(j.as_of, o.since)
FROM judging j, compared_finding c JOIN finding o USING (certificate, endpoint, rule) JOIN severity s ON s.rank = o.severity_rank
WHERE c.is_other AND c.certificate IS NOT NULL;

DELETE FROM finding o USING compared_finding c
WHERE c.at IS NULL AND o.certificate = c.certificate AND o.endpoint = c.endpoint AND o.rule = c.rule;

UPDATE finding o
SET rule_version = n.rule_version, severity_rank = n.severity_rank, evidence = n.evidence, next_change_at = n.next_change_at,
    since = CASE WHEN c.is_other THEN j.as_of ELSE o.since END
FROM judging j, compared_finding c JOIN new_finding n ON n.ctid = c.at
WHERE o.certificate = c.certificate AND o.endpoint = c.endpoint AND o.rule = c.rule;

-- (In a first run all are new, and none is looked up.)
INSERT INTO finding (certificate, endpoint, rule, rule_version, severity_rank, evidence, since, next_change_at)
SELECT n.certificate, n.endpoint, n.rule, n.rule_version, n.severity_rank, n.evidence, (SELECT as_of FROM judging), n.next_change_at
FROM new_finding n
WHERE EXISTS (SELECT FROM compared_finding WHERE certificate IS NULL)
  AND ((SELECT count(*) FROM compared_finding WHERE certificate IS NULL) = (SELECT count(*) FROM new_finding)
       OR n.ctid IN (SELECT at FROM compared_finding WHERE certificate IS NULL))
ORDER BY n.certificate, n.endpoint, n.rule;
INSERT INTO written SELECT 'finding', count(*) FROM compared_finding;
