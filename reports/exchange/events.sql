-- The events of places, one JSON object a row. $1 site or NULL, $2 since or NULL. The id is derived from the
-- event's content, so it does not change. A change that several hellos saw within an hour is one event, the first.
WITH seen AS (
    SELECT v.*, lag(v.time) OVER (PARTITION BY v.endpoint, v.kind, coalesce(v.leaf_before, cb.leaf), coalesce(v.leaf_after, ca.leaf) ORDER BY v.time, v.variant) AS same_at,
           coalesce(v.leaf_before, cb.leaf) AS before, coalesce(v.leaf_after, ca.leaf) AS after
    FROM event v LEFT JOIN chain cb ON cb.id = v.chain_before LEFT JOIN chain ca ON ca.id = v.chain_after
    WHERE $2::timestamptz IS NULL OR v.time >= $2::timestamptz - interval '1 hour'
)
SELECT jsonb_build_object(
           'id', encode(sha256(convert_to(e.key::text || ' ' || v.kind || ' ' || extract(epoch FROM v.time)::text || ' ' || coalesce(v.variant, 0), 'UTF8')), 'hex'),
           'time', to_char(v.time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'event', v.kind, 'site', site.name,
           'address', host(e.address), 'port', e.port, 'transport', t.name, 'server_name', nullif(e.server_name, ''),
           'certificate_before', encode(b.sha256, 'hex'), 'certificate_after', encode(a.sha256, 'hex'))::text
FROM seen v
JOIN endpoint e ON e.id = v.endpoint
JOIN site ON site.id = e.site
JOIN transport t ON t.id = e.transport
LEFT JOIN certificate b ON b.id = v.before
LEFT JOIN certificate a ON a.id = v.after
WHERE (v.kind <> 'changed' OR v.same_at IS NULL OR v.time - v.same_at > interval '1 hour')
  AND ($1::text IS NULL OR site.name = $1) AND ($2::timestamptz IS NULL OR v.time >= $2::timestamptz)
ORDER BY v.time, e.key, v.kind
