-- Compares the hits of the rules with the findings of the last run. A finding at a place is in scope if the place is; a finding
-- about a certificate anywhere is in scope if the certificate is.
CREATE TEMP TABLE new_finding AS
SELECT coalesce(h.certificate, 0) AS certificate, coalesce(h.endpoint, 0) AS endpoint, h.rule, r.version AS rule_version,
       s.rank AS severity_rank, jsonb_strip_nulls(h.evidence) AS evidence, h.next_change_at
FROM hit h JOIN rule r ON r.id = h.rule JOIN severity s ON s.name = h.severity
WHERE CASE WHEN h.endpoint IS NULL THEN h.certificate IN (SELECT certificate FROM scope_certificate)
           ELSE h.endpoint IN (SELECT endpoint FROM scope_endpoint) END;
ANALYZE new_finding;

CREATE TEMP TABLE compared_finding AS
SELECT o.certificate, o.endpoint, o.rule, n.ctid AS at, n.severity_rank IS DISTINCT FROM o.severity_rank AS is_other,
       n.rule IS NULL OR n.severity_rank <> o.severity_rank OR n.rule_version <> o.rule_version
           OR n.next_change_at IS DISTINCT FROM o.next_change_at OR n.evidence <> o.evidence AS is_changed
FROM (SELECT o.* FROM scope_certificate x JOIN finding o ON o.certificate = x.certificate AND o.endpoint = 0
      UNION ALL SELECT o.* FROM scope_endpoint x JOIN finding o ON o.endpoint = x.endpoint AND o.endpoint <> 0) o
LEFT JOIN new_finding n ON n.certificate = o.certificate AND n.endpoint = o.endpoint AND n.rule = o.rule;
ANALYZE compared_finding;

INSERT INTO verdict_past (axis, rule, certificate, endpoint, value, severity, evidence, since, until)
SELECT 'policy', o.rule, nullif(o.certificate, 0), nullif(o.endpoint, 0), 'hit', s.name, o.evidence, o.since,
       greatest(j.as_of, o.since)
FROM judging j, compared_finding c JOIN finding o USING (certificate, endpoint, rule) JOIN severity s ON s.rank = o.severity_rank
WHERE c.is_other;

DELETE FROM finding o USING compared_finding c
WHERE c.at IS NULL AND o.certificate = c.certificate AND o.endpoint = c.endpoint AND o.rule = c.rule;

UPDATE finding o
SET rule_version = n.rule_version, severity_rank = n.severity_rank, evidence = n.evidence, next_change_at = n.next_change_at,
    since = CASE WHEN c.is_other THEN j.as_of ELSE o.since END
FROM judging j, compared_finding c JOIN new_finding n ON n.ctid = c.at
WHERE c.is_changed AND o.certificate = c.certificate AND o.endpoint = c.endpoint AND o.rule = c.rule;

SET LOCAL enable_nestloop = off;         -- nothing to compare with in a first run is no reason to look at it row by row
WITH added AS (
    INSERT INTO finding (certificate, endpoint, rule, rule_version, severity_rank, evidence, since, next_change_at)
    SELECT n.certificate, n.endpoint, n.rule, n.rule_version, n.severity_rank, n.evidence, (SELECT as_of FROM judging), n.next_change_at
    FROM new_finding n
    WHERE (SELECT count(*) FROM new_finding) > (SELECT count(c.at) FROM compared_finding c)        -- else none is new
      AND NOT EXISTS (SELECT FROM compared_finding c WHERE c.at = n.ctid)
    ORDER BY n.certificate, n.endpoint, n.rule
    RETURNING 1)
INSERT INTO written
SELECT 'finding', (SELECT count(*) FROM added) + (SELECT count(*) FROM compared_finding WHERE is_changed);
SET LOCAL enable_nestloop = on;
