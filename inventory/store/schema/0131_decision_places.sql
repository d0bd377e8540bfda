-- A decision may name a place as reports print it.
ALTER TABLE decision_filter
    ADD COLUMN port integer,            -- beside network
    ADD COLUMN server_name text,        -- beside network, in small letters
    ADD COLUMN host text,               -- of a file
    ADD COLUMN path text;
