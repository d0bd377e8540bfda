-- For the lists of before the next run.
UPDATE certificate_now n SET safe_until = t.ask_by FROM certificate_term t WHERE t.certificate = n.certificate AND t.ask_by IS NOT NULL
