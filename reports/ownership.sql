-- Who is responsible for what, and what has no owner? $1 filter, $2 rows or NULL, $3 and $4 column to sort by, up and down,
-- $5 certificates that can be wanted or NULL. The owner with the most urgent work first; what has no owner is a row of its own.
-- A certificate counts at its owner (certificate_now); a place at the owner of that place.
WITH owned AS MATERIALIZED (
    SELECT o.owner, count(*) AS certificates, count(*) FILTER (WHERE n.place_count > 0) AS served,
           count(*) FILTER (WHERE n.record = 'unmanaged' AND n.place_count > 0) AS unmanaged,
           count(*) FILTER (WHERE n.time = 'expired') AS expired, count(*) FILTER (WHERE n.time IN ('expiring', 'renewal due')) AS expiring,
           count(*) FILTER (WHERE n.severity_rank <= 2) AS grave, min(n.severity_rank) AS severity_rank,
           min(n.not_after) FILTER (WHERE n.ends_at >= r.as_of) AS next_end
    FROM certificates_wanted($1::jsonb, $5::bigint[]) n
    CROSS JOIN report_as_of r
    LEFT JOIN owner_basis o ON o.id = n.owner_basis
    WHERE n.is_leaf
    GROUP BY o.owner
), placed AS MATERIALIZED (
    SELECT o.owner, count(DISTINCT j.endpoint) AS places
    FROM places_wanted($1::jsonb, NULL) j LEFT JOIN owner_basis o ON o.id = j.owner_basis
    GROUP BY o.owner
), told AS MATERIALIZED (
    SELECT o.owner, array_agg(DISTINCT c ORDER BY c) AS contacts, array_agg(DISTINCT o.environment) FILTER (WHERE o.environment IS NOT NULL) AS environments,
           bool_or(o.evidence NOT LIKE 'managed record%') AS by_rule
    FROM owner_basis o LEFT JOIN LATERAL unnest(o.contacts) c ON true
    GROUP BY o.owner
)
SELECT * FROM (
SELECT owner, array_to_string(t.contacts, E'\n') AS contacts,
       CASE WHEN coalesce(cardinality(array_remove(t.contacts, NULL)), 0) = 0 THEN 'no contact is known'
            WHEN NOT EXISTS (SELECT FROM unnest(t.contacts) c WHERE is_mail_address(c)) THEN 'no contact is a mail address: no notice can be sent'
            ELSE nullif(concat_ws('; ', CASE WHEN cardinality(t.contacts) = 1 THEN 'one contact only' END,
                                  (SELECT 'no mail address: ' || string_agg(c, ', ' ORDER BY c) FROM unnest(t.contacts) c WHERE NOT is_mail_address(c))), '') END AS note,
       coalesce(o.certificates, 0) AS certificate_count, coalesce(o.served, 0) AS served_count, coalesce(p.places, 0) AS place_count,
       coalesce(o.unmanaged, 0) AS unmanaged_count, coalesce(o.expired, 0) AS expired_count, coalesce(o.expiring, 0) AS expiring_count,
       coalesce(o.grave, 0) AS grave_count, s.name AS severity, o.next_end AS not_after,
       array_to_string(t.environments, E'\n') AS environments,
       CASE WHEN t.by_rule THEN 'owner rules' ELSE 'managed record' END AS told_by
FROM owned o
FULL JOIN placed p USING (owner)
LEFT JOIN told t USING (owner)
LEFT JOIN severity s ON s.rank = o.severity_rank
WHERE owner IS NOT NULL
UNION ALL
SELECT '(nobody)', NULL, 'these have no owner: certsweep owners import FILE', o.certificates, o.served,
       coalesce((SELECT places FROM placed WHERE owner IS NULL), 0), o.unmanaged, o.expired, o.expiring, o.grave, s.name, o.next_end, NULL, NULL
FROM owned o LEFT JOIN severity s ON s.rank = o.severity_rank WHERE o.owner IS NULL
) q ORDER BY to_jsonb(q) -> $3, to_jsonb(q) -> $4 DESC NULLS LAST, expired_count + grave_count DESC, certificate_count DESC, owner
LIMIT $2::bigint
