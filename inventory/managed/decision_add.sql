-- Decides of all certificates that a filter finds. $1 filter, $2 record that they are linked to, or NULL, $3 true: each is linked to the
-- record that the ladder suggests. A certificate that has the same decision already, for as long, and none of another kind since (the
-- latest one holds), keeps it. Column: how many.
WITH made AS (
    INSERT INTO decision (kind, sha256, source, record_key, reason, who, made_at, until, filter, rule)
    SELECT f.kind, n.sha256, r.source, r.key, f.reason, f.who, f.made_at, f.until, f.id, f.muted_rule
    FROM decision_filter f
    JOIN certificate_now n ON filter_finds(f, n)
    LEFT JOIN managed_record r ON r.id = CASE WHEN $3::boolean THEN n.record_id ELSE $2::bigint END AND r.valid_to IS NULL
    WHERE f.id = $1::bigint AND (NOT $3::boolean OR (r.id IS NOT NULL AND record_is_suggested(n.record, n.record_step)))
      AND NOT EXISTS (SELECT FROM decision d
                      WHERE d.undone_at IS NULL AND (d.until IS NULL OR d.until > now())
                        AND d.sha256 = n.sha256 AND d.kind = f.kind AND d.record_key IS NOT DISTINCT FROM r.key
                        AND (d.rule IS NULL OR d.rule = f.muted_rule)
                        AND coalesce(d.until, 'infinity') >= coalesce(f.until, 'infinity')
                        AND (d.kind = 'mute'
                             OR NOT EXISTS (SELECT FROM decision o
                                            WHERE o.sha256 = d.sha256 AND o.id > d.id AND o.kind <> 'mute' AND o.undone_at IS NULL
                                              AND (o.until IS NULL OR o.until > now())
                                              AND (o.kind <> d.kind OR o.record_key IS DISTINCT FROM d.record_key))))
    RETURNING id)
SELECT count(*) FROM made
