-- Deletes what was seen before $1. Spans and events are recomputed from the rest. Certificates, chains, endpoints and scans are
-- kept, and of each key the answer that later confirmations repeat. Column: rows deleted
WITH gone_confirmation AS (
    DELETE FROM confirmation WHERE last_at < $1 RETURNING block
), gone_observation AS (
    DELETE FROM observation o
    WHERE o.time < $1
      AND (EXISTS (SELECT FROM observation n
                   WHERE n.endpoint = o.endpoint AND n.role = o.role AND n.variant = o.variant AND n.peer IS NOT DISTINCT FROM o.peer
                     AND n.time > o.time AND n.time < $1)
           OR NOT EXISTS (SELECT FROM confirmation c
                          WHERE c.block = o.endpoint >> 12 AND c.variant = o.variant AND c.last_at >= $1
                            AND get_bit(c.bits, (o.endpoint & 4095)::integer) = 1))
    RETURNING endpoint
), gone_ahead AS (
    DELETE FROM observation_ahead WHERE time < $1 RETURNING endpoint
), gone_sighting AS (
    DELETE FROM sighting WHERE last_at < $1 RETURNING endpoint, scan
), gone_posture AS (
    DELETE FROM posture WHERE time < $1 RETURNING endpoint
), gone_quiet AS (
    DELETE FROM quiet WHERE to_at < $1 RETURNING scan
), gone_name AS (
    DELETE FROM name_asked WHERE time < $1
        AND scan IN (SELECT id FROM scan WHERE finished_at < $1) RETURNING scan
), untold AS (      -- such a capture may be loaded again
    UPDATE bundle SET told_sha256 = NULL
    WHERE told_sha256 IN (SELECT told_sha256 FROM bundle WHERE scan IN (SELECT scan FROM gone_sighting))
), touched AS (
    INSERT INTO recompute
    SELECT endpoint FROM gone_observation UNION SELECT endpoint FROM gone_sighting
    UNION SELECT endpoint FROM event WHERE time < $1
    ON CONFLICT DO NOTHING
)
SELECT (SELECT count(*) FROM gone_observation) + (SELECT count(*) FROM gone_ahead) + (SELECT count(*) FROM gone_sighting)
       + (SELECT count(*) FROM gone_posture) + (SELECT count(*) FROM gone_quiet) + (SELECT count(*) FROM gone_name)
       + (SELECT count(*) FROM gone_confirmation)
