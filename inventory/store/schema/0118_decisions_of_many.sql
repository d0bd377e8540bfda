-- What people decide of many at once.

-- Does the ladder name one record that this certificate probably is? An impostor and an ambiguous one are looked at one by one.
CREATE FUNCTION record_is_suggested(record text, record_step text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT record = 'unmanaged' AND record_step IN ('R-serial-only', 'R-key-only', 'R-names', 'R-common-name')
$$;

-- A mute may stop the notices of one rule alone.
ALTER TABLE decision ADD COLUMN rule text COLLATE "C" CHECK (rule IS NULL OR kind = 'mute');        -- NULL: of all
ALTER TABLE decision_filter ADD COLUMN muted_rule text COLLATE "C";
CREATE OR REPLACE VIEW decision_open AS
    SELECT * FROM decision WHERE undone_at IS NULL AND (until IS NULL OR until > now());
