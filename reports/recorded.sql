-- Which records of the managed set are not where they should be: not seen, unreachable, without a place? $1 filter (of the record: its site
-- or that of the endpoint that answered, its owner or department, or who has it, or its certificate where that is known, issuer, places, names,
-- source, end), $2 rows
-- or NULL, $3 and $4 column to sort by, up and down. By their end; what is shown of a record is looked up for the page alone. late: it ends too
-- soon for a renewal that is asked for today (due_end), and was not replaced; what has ended asks for nothing. With the status "expired", those that
-- have ended and that nobody has seen; with "replaced", those that were replaced, and are not looked for.
WITH ending AS MATERIALIZED (
    SELECT due_usual() AS usual, due_end(0, due_usual()) AS usual_at, due_end(0, due_other()) AS other_at
), zone AS MATERIALIZED (
    SELECT coalesce((SELECT zone FROM policy_term), 'UTC') AS name
), told AS (
    (SELECT j.record, j.endpoint, j.deployment, j.outcome, j.reason, j.since, j.owner_basis, j.is_replaced, j.newer_record, j.next_change_at AS after_end
     FROM record_judged j
     WHERE coalesce($1::jsonb->>'status', '') = CASE WHEN j.deployment = 'replaced' THEN 'replaced' ELSE '' END
     ORDER BY j.next_change_at, j.record        -- the second after its end
     LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL AND $1::jsonb - 'status' = '{}' THEN $2::bigint END)
    UNION ALL
    (SELECT r.id, NULL, 'not judged', NULL, 'ended', record_moment(r.not_after, (SELECT name FROM zone)), NULL, false, NULL, r.not_after
     FROM records_unseen() r
     WHERE $1::jsonb->>'status' = 'expired' AND r.not_after < (SELECT as_of + interval '1 day' FROM report_as_of)     -- whatever the zone
       AND record_moment(r.not_after, (SELECT name FROM zone)) < (SELECT as_of FROM report_as_of) AND r.valid_from <= (SELECT as_of FROM report_as_of)
       AND (r.valid_to IS NULL OR r.valid_to > (SELECT as_of FROM report_as_of))
     ORDER BY r.not_after, r.id            -- an account may have the orders of twenty years
     LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL AND $1::jsonb - 'status' = '{}' THEN $2::bigint END)
), owned AS MATERIALIZED (              -- whose certificate is known, and somebody's
    SELECT m.record FROM match_now m JOIN certificate_now n USING (certificate)
    WHERE m.is_counted AND $1::jsonb ? 'owner' AND n.owner_basis IS NOT NULL
), theirs AS MATERIALIZED (             -- and this owner's
    SELECT m.record FROM match_now m JOIN certificates_wanted(jsonb_build_object('owner', $1::jsonb->>'owner'), NULL) n USING (certificate)
    WHERE m.is_counted AND $1::jsonb->>'owner' <> ''
), page AS MATERIALIZED (
    SELECT j.*, record_moment(r.not_after, (SELECT name FROM zone)) AS not_after
    FROM told j
    JOIN managed_record r ON r.id = j.record
    JOIN managed_source s ON s.id = r.source
    CROSS JOIN report_as_of a
    LEFT JOIN endpoint e ON e.id = j.endpoint
    WHERE ($1::jsonb->>'site' IS NULL OR coalesce(r.site, e.site) = (SELECT id FROM site WHERE name = $1::jsonb->>'site'))
      AND ($1::jsonb->>'owner' IS NULL
           OR (j.owner_basis IS NULL AND j.record NOT IN (SELECT record FROM owned)        -- else the record's own word does not count
               AND lower(coalesce(r.owner, r.department, '')) = lower($1::jsonb->>'owner'))
           OR ($1::jsonb->>'owner' <> '' AND j.record IN (SELECT record FROM theirs))
           OR ($1::jsonb->>'owner' <> '' AND j.owner_basis = ANY (ARRAY(SELECT id FROM owner_basis WHERE lower(owner) = lower($1::jsonb->>'owner')))))
      AND ($1::jsonb->>'issuer' IS NULL OR r.issuer ILIKE '%' || glob_like($1::jsonb->>'issuer') || '%')
      AND ($1::jsonb->>'source' IS NULL OR s.name = $1::jsonb->>'source')
      AND ($1::jsonb->>'name' IS NULL OR EXISTS (SELECT FROM unnest(r.name_set || r.common_name) n WHERE lower(n) LIKE glob_like(lower($1::jsonb->>'name'))))
      AND ($1::jsonb->'within' IS NULL OR (record_moment(r.not_after, (SELECT name FROM zone)) >= a.as_of
                                            AND record_moment(r.not_after, (SELECT name FROM zone))
                                                < a.as_of + make_interval(days => ($1::jsonb->>'within')::integer)))
      AND (NOT $1::jsonb ?| '{network,port}'
           OR EXISTS (SELECT FROM managed_location x
                      WHERE x.record = r.id AND ($1::jsonb->>'network' IS NULL OR x.address <<= ($1::jsonb->>'network')::inet)
                        AND ($1::jsonb->>'port' IS NULL OR x.port = ($1::jsonb->>'port')::integer)))
    ORDER BY j.after_end, j.record LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END
), newest AS MATERIALIZED (             -- of all of its names, those that no later one outlasts: names may be those of thousands
    SELECT f.names_key, f.newer
    FROM (SELECT w.names_key, w AS newer, w.not_after > max(w.not_after) OVER later AS lasts
          FROM managed_record w CROSS JOIN report_as_of a
          WHERE w.names_key = ANY (ARRAY(SELECT DISTINCT r.names_key FROM page j JOIN managed_record r ON r.id = j.record
                                         WHERE j.deployment = 'replaced'))
            AND is_newer_record(w, '-infinity', '-infinity', a.as_of)
          WINDOW later AS (PARTITION BY w.names_key ORDER BY w.not_before DESC, w.not_after DESC, w.id
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) f
    WHERE f.lasts IS NOT FALSE
), successor AS MATERIALIZED (
    SELECT DISTINCT ON (r.id) r.id AS record, n.newer
    FROM page j JOIN managed_record r ON r.id = j.record JOIN newest n ON n.names_key = r.names_key CROSS JOIN report_as_of a
    WHERE j.deployment = 'replaced' AND is_newer_record(n.newer, r.not_before, r.not_after, a.as_of)
    ORDER BY r.id, (n.newer).not_before DESC
), known AS MATERIALIZED (              -- of what is known by its bytes
    SELECT DISTINCT ON (m.record) m.record, n.name, n.sha256, n.owner_basis
    FROM page j JOIN match_now m USING (record) JOIN certificate_now n USING (certificate)
    WHERE m.is_counted ORDER BY m.record, m.step, n.certificate
)
SELECT * FROM (
SELECT j.deployment, coalesce(r.common_name, r.subject, r.serial_number, k.name) AS name, l.places, coalesce(o.owner, r.owner, r.department) AS owner,
       array_to_string(coalesce(o.contacts, r.contacts), E'\n') AS contacts,
       s.name AS source, r.file || ':' || r.line AS record_at, j.not_after, days_between(a.as_of, j.not_after) AS days_left,
       CASE WHEN j.not_after < CASE WHEN coalesce(r.installer, '') <> '' AND installed_by(r.installer, t.installed_by, t.service_installers) <> u.usual
                                    THEN u.other_at ELSE u.usual_at END
                 AND NOT j.is_replaced AND j.reason IS DISTINCT FROM 'ended' THEN 'LATE' END AS late,
       coalesce(CASE j.reason WHEN 'which site?' THEN 'several sites have its place, and the record names no site'
                              WHEN 'which certificate?' THEN 'several certificates could be the one of the record'
                              WHEN 'how long ago?' THEN 'its place has answered, and was not asked since for too long'
                              WHEN 'ended' THEN 'it has ended, and nobody has seen its certificate' ELSE j.reason END,
                outcome_text(oc.name),
                CASE WHEN j.deployment = 'never served'
                     THEN 'delivered ' || day_text(r.delivered_at)
                          || coalesce('; last day to return it ' || day_text(r.delivered_at + make_interval(days => t.test_window_days)), '')
                     WHEN j.deployment = 'replaced'
                     THEN coalesce('its account names the one that has replaced it: '
                                       || coalesce('order ' || by.order_number, 'serial ' || by.serial_number, by.common_name)
                                       || ' (' || by.file || ':' || by.line || ')',
                                   'a later record of its names: ' || (successor.newer).file || ':' || (successor.newer).line,
                                   CASE r.status WHEN 'replaced' THEN 'its account says so' END,
                                   'a later certificate has taken its place')
                     WHEN j.deployment = 'not located' THEN 'its record names no place'
                     WHEN j.deployment = 'not judged' THEN 'no scan has asked its place, as far as is known' END)
       AS because, j.since,
       encode(r.sha256, 'hex') AS sha256,
       -- what shows there, or what is known of the certificate
       CASE WHEN e.id IS NOT NULL THEN endpoint_command(e.address, e.port, site.name, w.kept)
            WHEN k.sha256 IS NOT NULL THEN 'certsweep report certificate ' || left(encode(k.sha256, 'hex'), 12) || options_kept(w.kept)
       END AS command,
       r.id
FROM page j
JOIN managed_record r ON r.id = j.record
JOIN managed_source s ON s.id = r.source
CROSS JOIN report_as_of a
CROSS JOIN ending u
LEFT JOIN policy_term t ON true
LEFT JOIN managed_record by ON by.id = j.newer_record AND j.deployment = 'replaced'
LEFT JOIN successor ON successor.record = r.id
LEFT JOIN outcome oc ON oc.id = j.outcome
LEFT JOIN known k ON k.record = j.record
LEFT JOIN endpoint e ON e.id = j.endpoint
LEFT JOIN site ON site.id = e.site
CROSS JOIN (SELECT jsonb_strip_nulls(jsonb_build_object('site', $1::jsonb->'site')) AS kept) w
LEFT JOIN owner_basis o ON o.id = coalesce(j.owner_basis, k.owner_basis)
LEFT JOIN (SELECT l.record, string_agg(coalesce(site_ahead(site.name, $1::jsonb, (SELECT default_is_named())), '')
                                       || concat_ws('@', l.name, host(l.address))
                                       || coalesce(':' || l.port::text, ''), E'\n' ORDER BY l.address, l.name, l.port, site.name) AS places
           FROM page j JOIN managed_location l USING (record) LEFT JOIN site ON site.id = l.site GROUP BY l.record) l ON l.record = j.record
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, not_after, id LIMIT $2::bigint
