-- Which certificates and endpoints can a filter want at all, where they are few? $1 filter. One row: ids of
-- certificates, ids of endpoints; both NULL where none of its conditions leaves fewer than 20,001 of each. The
-- statement that follows asks all conditions again; this only narrows the search.
WITH asked AS MATERIALIZED (
    SELECT $1::jsonb AS filter
), basis AS MATERIALIZED (
    SELECT array_agg(id) AS ids FROM owner_basis WHERE lower(owner) = lower($1::jsonb->>'owner') AND NOT is_of_several(evidence)
), at_network AS MATERIALIZED (
    SELECT e.id FROM endpoint e WHERE e.address <<= ($1::jsonb->>'network')::inet LIMIT 20001
), owned AS MATERIALIZED (
    SELECT j.endpoint, j.certificate FROM endpoint_judged j WHERE j.owner_basis = ANY (ARRAY(SELECT unnest(ids) FROM basis)) LIMIT 20001
), filed AS MATERIALIZED (
    (SELECT j.certificate FROM file_judged j WHERE j.owner_basis = ANY (ARRAY(SELECT unnest(ids) FROM basis)) LIMIT 20001)
    UNION ALL
    (SELECT k.certificate FROM key_judged k WHERE k.owner_basis = ANY (ARRAY(SELECT unnest(ids) FROM basis)) LIMIT 20001)
), own AS MATERIALIZED (
    SELECT n.certificate FROM certificate_now n WHERE n.owner_basis = ANY (ARRAY(SELECT unnest(ids) FROM basis)) LIMIT 20001
), named AS MATERIALIZED (
    SELECT certificate FROM named_certificates($1::jsonb->>'name') LIMIT 20001
), name_asked AS MATERIALIZED (
    SELECT e.id FROM endpoint e WHERE $1::jsonb ? 'name' AND e.server_name <> '' AND lower(e.server_name) LIKE glob_like(lower($1::jsonb->>'name'))
    LIMIT 20001
), ruled AS MATERIALIZED (
    SELECT f.certificate, f.endpoint FROM findings_ruled($1::jsonb) f WHERE $1::jsonb ?| '{rule,severity}' LIMIT 20001
), chosen (certificates, endpoints) AS (
    SELECT ARRAY(SELECT DISTINCT j.certificate FROM at_network a JOIN endpoint_judged j ON j.endpoint = a.id), ARRAY(SELECT id FROM at_network)
    WHERE $1::jsonb ? 'network' AND (SELECT count(*) FROM at_network) <= 20000
    UNION ALL
    SELECT ARRAY(SELECT certificate FROM own UNION SELECT certificate FROM owned UNION SELECT certificate FROM filed), ARRAY(SELECT DISTINCT endpoint FROM owned)
    WHERE $1::jsonb->>'owner' <> '' AND (SELECT count(*) FROM own) <= 20000 AND (SELECT count(*) FROM owned) <= 20000
      AND (SELECT count(*) FROM filed) <= 20000
    UNION ALL
    SELECT ARRAY(SELECT DISTINCT certificate FROM named),
           ARRAY(SELECT j.endpoint FROM named JOIN endpoint_judged j USING (certificate) UNION SELECT id FROM name_asked)
    WHERE $1::jsonb ? 'name' AND (SELECT count(*) FROM named) <= 20000 AND (SELECT count(*) FROM name_asked) <= 20000
    UNION ALL
    SELECT ARRAY(SELECT certificate FROM ruled WHERE certificate <> 0
                 UNION SELECT j.certificate FROM ruled r JOIN endpoint_judged j USING (endpoint) WHERE r.certificate = 0),
           ARRAY(SELECT endpoint FROM ruled WHERE endpoint <> 0
                 UNION SELECT j.endpoint FROM ruled r JOIN endpoint_judged j USING (certificate) WHERE r.endpoint = 0)
    WHERE $1::jsonb ?| '{rule,severity}' AND (SELECT count(*) FROM ruled) <= 20000
)
SELECT certificates::text, endpoints::text
FROM asked LEFT JOIN (SELECT * FROM chosen WHERE cardinality(certificates) <= 20000 AND cardinality(endpoints) <= 20000
                      ORDER BY cardinality(certificates) + cardinality(endpoints) LIMIT 1) c ON true
