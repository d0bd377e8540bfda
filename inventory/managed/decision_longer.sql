-- Of the certificates that a filter finds and that kept a decision that they had: how many have it for longer? $1 filter
SELECT count(*)
FROM decision_filter f
JOIN certificate_now n ON filter_finds(f, n)
WHERE f.id = $1::bigint AND f.until IS NOT NULL AND NOT EXISTS (SELECT FROM decision m WHERE m.filter = f.id AND m.sha256 = n.sha256)
  AND EXISTS (SELECT FROM decision d
              WHERE d.sha256 = n.sha256 AND d.kind = f.kind AND d.undone_at IS NULL AND (d.rule IS NULL OR d.rule = f.muted_rule)
                AND coalesce(d.until, 'infinity') > f.until)
