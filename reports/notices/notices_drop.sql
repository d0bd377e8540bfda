-- Forgets what was not sent yet and need not be sent any more: its certificate was replaced, muted or ignored since, or a later step of it is due.
DELETE FROM notice t
WHERE t.state IN ('waiting', 'failed')
  AND (NOT EXISTS (SELECT FROM certificate c JOIN certificate_now n ON n.certificate = c.id CROSS JOIN report_as_of r
                   WHERE c.sha256 = t.sha256 AND n.place_count > 0 AND n.time IN ('renewal due', 'expiring', 'expired')
                     AND (n.muted_until IS NULL OR n.muted_until <= r.as_of) AND n.record IS DISTINCT FROM 'ignored'
                     AND NOT EXISTS (SELECT FROM decision_in_force d     -- muted for this rule alone
                                     WHERE d.sha256 = n.sha256 AND d.kind = 'mute' AND d.rule = CASE n.time WHEN 'expired' THEN 'C05' ELSE 'C06' END))
       OR EXISTS (SELECT FROM notice later
                  WHERE later.contact = t.contact AND later.sha256 = t.sha256 AND later.step <> t.step AND later.made_at > t.made_at
                    AND (later.step = 'escalated') = (t.step = 'escalated')))
