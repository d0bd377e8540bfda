-- Then and now: the last run, and the last one that is at least four weeks older (else the first). Columns: day then, subject,
-- then, now. No row where there is one run only. Whole inventory.
WITH run AS (
    SELECT id, as_of, account FROM reconcile_run WHERE NOT is_replay AND finished_at IS NOT NULL AND account IS NOT NULL
), last AS (
    SELECT * FROM run ORDER BY id DESC LIMIT 1
), before AS (
    SELECT run.* FROM run, last WHERE run.id < last.id AND run.as_of < last.as_of - interval '12 hours'
    ORDER BY run.as_of > last.as_of - interval '28 days', CASE WHEN run.as_of <= last.as_of - interval '28 days' THEN run.as_of END DESC,
             run.as_of LIMIT 1
), subject (n, label, axis, value) AS (
    VALUES (1, 'Managed', 'record', 'managed'), (2, 'Unmanaged', 'record', 'unmanaged'), (3, 'Accepted', 'record', 'accepted'), (4, 'Not judged', 'record', 'not judged'),
           (5, 'Foreign', 'issuer', 'foreign'), (6, 'Self-signed', 'issuer', 'self-signed'), (7, 'Expired', 'time', 'expired'),
           (8, 'Due for renewal', 'time', 'expiring'), (9, 'Superseded, still served', 'deployment', 'superseded but served')
), told AS (
    SELECT s.n, s.label, coalesce((b.account->s.axis->>s.value)::bigint, 0) AS was, coalesce((l.account->s.axis->>s.value)::bigint, 0) AS now
    FROM subject s, last l, before b
    UNION ALL
    SELECT 10, 'Findings', (SELECT coalesce(sum(value::bigint), 0) FROM jsonb_each_text(coalesce(b.account->'policy', '{}'))),
           (SELECT coalesce(sum(value::bigint), 0) FROM jsonb_each_text(coalesce(l.account->'policy', '{}')))
    FROM last l, before b
)
SELECT (SELECT (as_of AT TIME ZONE z.zone)::date FROM before, due_setting z) AS day, label, was, now FROM told WHERE was > 0 OR now > 0 ORDER BY n
