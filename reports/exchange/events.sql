-- The events of places, one JSON object a row. $1 site or NULL, $2 since or NULL. The id is derived from the
-- event's content, so it does not change.
SELECT jsonb_build_object(
           'id', encode(sha256(convert_to(e.key::text || ' ' || v.kind || ' ' || extract(epoch FROM v.time)::text || ' ' || coalesce(v.variant, 0), 'UTF8')), 'hex'),
           'time', to_char(v.time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'event', v.kind, 'site', site.name,
           'address', host(e.address), 'port', e.port, 'transport', t.name, 'server_name', nullif(e.server_name, ''),
           'certificate_before', encode(b.sha256, 'hex'), 'certificate_after', encode(a.sha256, 'hex'))::text
FROM event v
JOIN endpoint e ON e.id = v.endpoint
JOIN site ON site.id = e.site
JOIN transport t ON t.id = e.transport
LEFT JOIN chain cb ON cb.id = v.chain_before LEFT JOIN certificate b ON b.id = cb.leaf
LEFT JOIN chain ca ON ca.id = v.chain_after LEFT JOIN certificate a ON a.id = ca.leaf
WHERE ($1::text IS NULL OR site.name = $1) AND ($2::timestamptz IS NULL OR v.time >= $2::timestamptz)
ORDER BY v.time, e.key, v.kind
