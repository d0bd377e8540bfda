-- Forgets what was not sent yet and need not be sent any more: its certificate, or record, was replaced, muted or ignored since, or a later step of
-- it is due.
DELETE FROM notice t
WHERE t.state IN ('waiting', 'failed')
  AND ((NOT EXISTS (SELECT FROM certificate c JOIN ending_told n ON n.certificate = c.id WHERE c.sha256 = t.sha256)
        AND NOT EXISTS (SELECT FROM unseen_record u WHERE u.key = t.sha256))
       OR EXISTS (SELECT FROM notice later
                  WHERE later.contact = t.contact AND later.sha256 = t.sha256 AND later.step <> t.step AND later.made_at > t.made_at
                    AND (later.step = 'escalated') = (t.step = 'escalated')))
