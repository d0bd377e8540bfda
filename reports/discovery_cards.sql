-- The numbers on top. $1 site or NULL
WITH leaf AS MATERIALIZED (
    SELECT c.* FROM report_certificate c
    WHERE c.place_count > 0 AND ($1::text IS NULL OR c.certificate IN
          (SELECT p.certificate FROM report_place p WHERE p.site = $1))
), place AS MATERIALIZED (
    SELECT DISTINCT endpoint, certificate FROM report_place WHERE $1::text IS NULL OR site = $1
), weak AS (
    SELECT DISTINCT h.certificate, h.endpoint FROM report_policy_hit h
    WHERE h.rule ~ '^(K|P|S|C01|C02)' AND h.severity IN ('critical', 'high', 'medium')
      AND ($1::text IS NULL OR h.endpoint IN (SELECT endpoint FROM place)
           OR h.certificate IN (SELECT certificate FROM place))
)
SELECT (SELECT count(*) FROM leaf), 'certificates served', ''
UNION ALL SELECT (SELECT count(DISTINCT endpoint) FROM place), 'places that serve them', ''
UNION ALL SELECT (SELECT count(*) FROM leaf WHERE record = 'unmanaged'), 'unmanaged', 'high'
UNION ALL SELECT (SELECT count(*) FROM leaf WHERE issuer_kind = 'foreign'), 'from foreign CAs', 'medium'
UNION ALL SELECT (SELECT count(*) FROM leaf WHERE issuer_kind = 'self-signed'), 'self-signed', 'medium'
UNION ALL SELECT (SELECT count(*) FROM leaf WHERE time = 'expired'), 'expired', 'critical'
UNION ALL SELECT (SELECT count(*) FROM leaf WHERE time IN ('expiring', 'renewal due')), 'to be renewed soon', 'high'
UNION ALL SELECT (SELECT count(*) FROM weak), 'weak or weakly served', 'high'
UNION ALL SELECT (SELECT count(*) FROM leaf WHERE owner IS NULL), 'without an owner', 'medium'
