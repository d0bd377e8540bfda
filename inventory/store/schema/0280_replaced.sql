-- Which certificates another has replaced: since when, and by which, where one took its place at an endpoint. Only of what is served nowhere. Runs write it.
ALTER TABLE certificate_now
    ADD COLUMN replaced_at timestamptz,
    ADD COLUMN replaced_by bigint;
-- What is served nowhere, by its end.
CREATE INDEX certificate_now_unserved ON certificate_now (ends_at) WHERE is_leaf AND place_count = 0;
