-- The end of a decision as people read it, and whether it is over already. $1 as it was given: a day, or a moment.
SELECT CASE WHEN $1 ~ '^\d{4}-\d\d-\d\d$' THEN 'the end of ' || $1 || ' (' || zone_meant() || ')'
            ELSE moment_text(decision_until($1)) END, decision_until($1) <= now()
