-- The three axes of each leaf in scope.
-- Time: renewal is due at the first notice step or at the first share of
-- life, whichever is later, so that a certificate of 47 days is not due all its life. Both ends of validity are
-- inside (RFC 5280, 4.1.2.5). Too long: rule C03 or C04 has a hit. next_change_at is the next of all moments at
-- which an axis or a rule about time may change: the ends of validity, every notice step, every share of life, the
-- end of a decision.
CREATE TEMP TABLE axes AS
SELECT k.certificate,
       CASE WHEN m.is_held THEN 'managed' WHEN d.kind = 'adopt' THEN 'managed' WHEN d.kind = 'ignore' THEN 'ignored'
            WHEN d.kind = 'accept' THEN 'accepted' WHEN j.has_managed THEN 'unmanaged'
            ELSE 'not judged' END COLLATE "C" AS record,
       CASE WHEN m.is_held THEN m.way
            WHEN d.kind IN ('adopt', 'ignore', 'accept') THEN (ARRAY['R-adopted', 'R-ignored', 'R-accepted'])[
                array_position(ARRAY['adopt', 'ignore', 'accept'], d.kind)]
            WHEN NOT j.has_managed THEN 'R-none'
            WHEN m.is_matched THEN 'R-not-in-force' ELSE coalesce(m.way, 'R-unmatched') END COLLATE "C" AS record_step,
       m.step AS match_step,
       m.record AS record_id,
       CASE WHEN NOT coalesce(m.is_held AND m.way <> 'R-linked', false) THEN d.decision END AS decision,
       mute.until AS muted_until,
       CASE WHEN k.is_self_signed THEN 'self-signed' WHEN NOT j.has_own THEN 'not judged'
            WHEN NOT p.is_misnamed THEN p.kind WHEN k.is_public THEN 'foreign'
            WHEN k.is_vouched THEN 'private' ELSE 'unknown' END COLLATE "C" AS issuer,
       CASE WHEN k.is_self_signed THEN 'I-self-signed' WHEN NOT j.has_own THEN 'I-none'
            WHEN NOT p.is_misnamed THEN 'I-' || p.kind || CASE WHEN p.is_signed THEN '' ELSE '-names' END
            WHEN k.is_public THEN 'I-public-path' WHEN k.is_vouched THEN 'I-known-path'
            WHEN p.is_misnamed THEN 'I-not-signed' ELSE 'I-no-path' END COLLATE "C" AS issuer_step,
       CASE WHEN NOT k.is_self_signed AND j.has_own THEN p.name END AS predicate,
       least(r.revoked_at, revoked.revoked_at) AS revoked_at,
       r.certificate IS NOT NULL OR revoked.certificate IS NOT NULL AS is_revoked,
       CASE WHEN k.not_before IS NULL OR k.not_after IS NULL THEN 'unknown'
            WHEN j.as_of >= k.ends_at THEN 'expired'
            WHEN j.as_of < k.not_before THEN 'not yet'
            WHEN j.as_of >= k.expiring_at THEN 'expiring'
            WHEN j.as_of >= k.due_at THEN 'renewal due'
            WHEN long.certificate IS NOT NULL THEN 'too long'
            ELSE 'ok' END COLLATE "C" AS time,
       k.due_at AS renewal_due_at, k.expiring_at,
       least(CASE WHEN k.not_before > j.as_of THEN k.not_before END,
             CASE WHEN k.due_at > j.as_of THEN k.due_at END,
             CASE WHEN k.expiring_at > j.as_of THEN k.expiring_at END,
             CASE WHEN k.ends_at > j.as_of THEN k.ends_at END,
             k.not_after - j.step_spans[nullif(k.step, 0)],
             -- the next share is found by a division, which may round, so its neighbours are tested too
             CASE WHEN k.before > j.as_of THEN k.before END, CASE WHEN k.at > j.as_of THEN k.at END,
             CASE WHEN k.after > j.as_of THEN k.after END,
             d.until, nullif(mute.until, 'infinity')) AS next_change_at
FROM judging j CROSS JOIN (             -- OFFSET 0: each moment is computed once, and not at each of its uses
    SELECT t.*, t.not_after - t.life * j.share_factors[t.share - 1] AS before, t.not_after - t.life * j.share_factors[t.share] AS at,
           t.not_after - t.life * j.share_factors[t.share + 1] AS after
    FROM judging j CROSS JOIN (
        SELECT k.certificate, k.is_self_signed, k.is_public, k.is_vouched, k.not_before, k.not_after, k.life,
               k.not_after + interval '1 second' AS ends_at,
               k.not_after - least(j.step_spans[cardinality(j.step_spans)], k.life * j.share_factors[cardinality(j.share_factors)])
                   AS due_at,
               k.not_after - least(make_interval(days => j.expiring_days), k.life *
                   coalesce(j.share_factors[cardinality(j.share_factors) - 1], j.share_factors[cardinality(j.share_factors)]))
                   AS expiring_at,
               width_bucket(k.not_after - j.as_of - interval '1 microsecond', j.step_spans) AS step,
               width_bucket(date_part('epoch', k.not_after - j.as_of) / nullif(date_part('epoch', k.life), 0), j.share_factors)
                   AS share
        FROM judging j CROSS JOIN known k
        WHERE k.has_axes OFFSET 0) t
    OFFSET 0) k
LEFT JOIN record_best m USING (certificate)
LEFT JOIN decided d USING (certificate)
LEFT JOIN muted mute USING (certificate)
LEFT JOIN (SELECT certificate, min(revoked_at) AS revoked_at FROM record_match WHERE status = 'revoked' AND step <= 3
           GROUP BY certificate) r USING (certificate)
LEFT JOIN (SELECT certificate, min((evidence ->> 'revoked_at')::timestamptz) AS revoked_at FROM hit
           WHERE rule = 'H08' AND evidence ->> 'issuer' IS NULL GROUP BY certificate) revoked USING (certificate)
LEFT JOIN issuer_match p USING (certificate)
LEFT JOIN (SELECT DISTINCT certificate FROM hit WHERE rule IN ('C03', 'C04')) long USING (certificate);
CREATE UNIQUE INDEX ON axes (certificate);
ANALYZE axes;
