-- What a list of all cannot look for, and runs write: by when something must be done. What was judged before is judged again by the next run.
ALTER TABLE certificate_now
    -- The earliest day by which something must be done that rules found of it or of a place that shows it, and the rule (the gravest of that day).
    -- Days by themselves: none is limited to the last safe day yet, and 'infinity' is what has that day and no other (C06). NULL: nothing that was
    -- found has a day.
    ADD COLUMN found_by date,
    ADD COLUMN found_rule text COLLATE "C",
    ADD COLUMN safe_until date;             -- the last safe day (last_safe_day())
UPDATE reconcile_run SET basis = basis || ' with the days of findings'
WHERE id = (SELECT max(id) FROM reconcile_run WHERE NOT is_replay);
