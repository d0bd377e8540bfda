-- What captures and imports alone have shown counts as served until a day (stale_after_days of the policy). After that it is a row here,
-- until somebody sees it again. What a scan found has no such day: later finished scans say when it is gone.

ALTER TABLE endpoint_judged ADD COLUMN stale_at timestamptz;    -- NULL: a scan has seen it; may be too early, then it is looked at again
CREATE INDEX endpoint_judged_stale ON endpoint_judged (stale_at) WHERE stale_at IS NOT NULL;

CREATE TABLE endpoint_unconfirmed (
    endpoint bigint NOT NULL,
    certificate bigint NOT NULL,        -- a leaf that it served
    site bigint NOT NULL,
    last_seen timestamptz NOT NULL,
    stale_at timestamptz NOT NULL,      -- since when that counts no more
    PRIMARY KEY (endpoint, certificate)
);
CREATE INDEX endpoint_unconfirmed_certificate ON endpoint_unconfirmed (certificate);
CREATE INDEX endpoint_unconfirmed_block ON endpoint_unconfirmed ((endpoint >> 12));

-- Whoever sees such a place again makes it be judged again, though the answer is the one that it gave before.
CREATE FUNCTION dirty_seen_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dirty SELECT DISTINCT 2, u.endpoint FROM fresh JOIN endpoint_unconfirmed u USING (endpoint);
    RETURN NULL;
END $$;
CREATE TRIGGER sighting_new AFTER INSERT ON sighting REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_seen_again();
CREATE TRIGGER sighting_other AFTER UPDATE ON sighting REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_seen_again();
CREATE TRIGGER recompute_new AFTER INSERT ON recompute REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_seen_again();

CREATE FUNCTION dirty_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dirty
    SELECT DISTINCT 2, u.endpoint FROM fresh f JOIN endpoint_unconfirmed u ON u.endpoint >> 12 = f.block
    WHERE get_bit(f.bits, (u.endpoint & 4095)::integer) = 1;
    RETURN NULL;
END $$;
CREATE TRIGGER confirmation_new AFTER INSERT ON confirmation REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_confirmed();
CREATE TRIGGER confirmation_other AFTER UPDATE ON confirmation REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION dirty_confirmed();

-- "last seen 2013-05-07, not confirmed since"
CREATE FUNCTION unconfirmed_text(last_seen timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'last seen ' || to_char(last_seen AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ', not confirmed since'
$$;
