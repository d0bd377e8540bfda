-- What loading pays for each row, and nobody reads.

-- No query looks for a certificate's address or for the name below its public suffix.
DROP INDEX IF EXISTS certificate_name_address, certificate_name_registrable;
DELETE FROM index_aside WHERE name IN ('certificate_name_address', 'certificate_name_registrable');

-- Nothing is estimated by these columns, or they are unique; to sample them costs more than to load the first ten thousand rows.
ALTER TABLE certificate ALTER COLUMN sha256 SET STATISTICS 0, ALTER COLUMN loaded_at SET STATISTICS 0;
ALTER TABLE certificate_own ALTER COLUMN computed_at SET STATISTICS 0, ALTER COLUMN serial_bytes SET STATISTICS 0,
    ALTER COLUMN names_omitted SET STATISTICS 0, ALTER COLUMN sct_count SET STATISTICS 0;
ALTER TABLE certificate_name ALTER COLUMN ordinal SET STATISTICS 0, ALTER COLUMN bytes SET STATISTICS 0,
    ALTER COLUMN address SET STATISTICS 0, ALTER COLUMN registrable SET STATISTICS 0, ALTER COLUMN unicode SET STATISTICS 0;
ALTER TABLE public_key ALTER COLUMN spki_sha256 SET STATISTICS 0, ALTER COLUMN modulus SET STATISTICS 0;
ALTER TABLE chain ALTER COLUMN sha256 SET STATISTICS 0, ALTER COLUMN length SET STATISTICS 0;
ALTER TABLE edge ALTER COLUMN tried_to SET STATISTICS 0, ALTER COLUMN tries SET STATISTICS 0, ALTER COLUMN untried SET STATISTICS 0,
    ALTER COLUMN purposes SET STATISTICS 0;
ALTER TABLE endpoint ALTER COLUMN zone SET STATISTICS 0, ALTER COLUMN key SET STATISTICS 0;
ALTER TABLE endpoint_now ALTER COLUMN chains SET STATISTICS 0, ALTER COLUMN leafs SET STATISTICS 0,
    ALTER COLUMN named_group SET STATISTICS 0, ALTER COLUMN alpn SET STATISTICS 0, ALTER COLUMN tls_versions SET STATISTICS 0,
    ALTER COLUMN cipher_suites SET STATISTICS 0;
ALTER TABLE event ALTER COLUMN chain_before SET STATISTICS 0, ALTER COLUMN chain_after SET STATISTICS 0;
ALTER TABLE answer_now ALTER COLUMN named_group SET STATISTICS 0, ALTER COLUMN key_proven SET STATISTICS 0,
    ALTER COLUMN detail SET STATISTICS 0, ALTER COLUMN alpn SET STATISTICS 0;
ALTER TABLE answer_past ALTER COLUMN named_group SET STATISTICS 0, ALTER COLUMN key_proven SET STATISTICS 0,
    ALTER COLUMN detail SET STATISTICS 0, ALTER COLUMN alpn SET STATISTICS 0, ALTER COLUMN digest SET STATISTICS 0;

-- The same of a partition of observation.
CREATE FUNCTION observation_statistics(partition regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{position, staple, named_group, sct_count, dns_us, connect_us, handshake_us, connections, name_source,
                            key_proven, detail, alpn, digest}'::text[] LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', partition, name);
    END LOOP;
END $$;
SELECT observation_statistics(inhrelid::regclass) FROM pg_inherits WHERE inhparent = 'observation'::regclass;

-- Creates the partition of a month, unless it is before the first one or in the future.
CREATE OR REPLACE FUNCTION observation_month_make(month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = certsweep, pg_temp AS $$
DECLARE
    first timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
    next timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    partition text := 'observation_' || to_char(month, 'YYYY_MM');
    early text := (SELECT substring(pg_get_expr(relpartbound, oid) FROM $re$TO \('([^']+)'\)$re$) FROM pg_class
                   WHERE oid = 'observation_early'::regclass);
BEGIN
    IF first < early::timestamptz OR first > now() + interval '1 day' OR to_regclass(partition) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE observation INCLUDING DEFAULTS)', partition);
    PERFORM observation_statistics(partition::regclass);
    EXECUTE format('ALTER TABLE observation ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition, first, next);
END $$;

-- Queues new certificates for facts, but for those of a transaction that computes them itself: row by row, since a table of all new
-- rows would hold their DER a second time.
DROP TRIGGER facts_queue ON certificate;
CREATE OR REPLACE FUNCTION facts_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO facts_pending VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER facts_queue AFTER INSERT ON certificate FOR EACH ROW
    WHEN (current_setting('certsweep.facts', true) IS DISTINCT FROM 'follow') EXECUTE FUNCTION facts_queue();

-- And new facts for trust (facts_dirty_add.sql does so for those of such a transaction).
DROP TRIGGER trust_pending ON certificate_own;
CREATE OR REPLACE FUNCTION trust_pending_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO trust_pending (certificate) VALUES (NEW.certificate) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER trust_pending AFTER INSERT ON certificate_own FOR EACH ROW
    WHEN (current_setting('certsweep.facts', true) IS DISTINCT FROM 'follow') EXECUTE FUNCTION trust_pending_add();
