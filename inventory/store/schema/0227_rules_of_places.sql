-- Whether a rule's hits are of places; else of certificates. reconcile writes it with the rule.
ALTER TABLE rule ADD COLUMN is_of_places boolean NOT NULL DEFAULT false;
UPDATE rule SET is_of_places = id ~ '^([PS][0-9]{2}|H0[23569]|R0[356]|R1[45])$';      -- those that there are
