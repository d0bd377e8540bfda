-- The certificates that a filter finds, and the record that the ladder suggests for each. $1 filter, $2 true: only those that have one
SELECT left(encode(n.sha256, 'hex'), 12) AS sha256, n.name, n.issuer_name AS issuer, b.owner, n.place_count AS places, n.record, n.time,
       (n.not_after AT TIME ZONE 'UTC')::date AS not_after,
       CASE WHEN record_is_suggested(n.record, n.record_step)
            THEN concat_ws(' ', r.id || ',', r.file || CASE WHEN r.line > 0 THEN ':' || r.line ELSE '' END, 'order ' || r.order_number) END AS suggests,
       (SELECT string_agg(d.kind || coalesce(' ' || d.rule, '') || ' by ' || d.who, ', ' ORDER BY d.id)
        FROM decision_open d WHERE d.sha256 = n.sha256) AS decided
FROM decision_filter f, certificate_now n
LEFT JOIN owner_basis b ON b.id = n.owner_basis
LEFT JOIN managed_record r ON r.id = n.record_id AND r.valid_to IS NULL
WHERE f.id = $1::bigint AND filter_finds(f, n) AND (NOT $2::boolean OR (r.id IS NOT NULL AND record_is_suggested(n.record, n.record_step)))
ORDER BY n.name, n.sha256
