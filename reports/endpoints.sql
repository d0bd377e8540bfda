-- Which places show a certificate now, and how? $1 filter ("deployment": where one of its certificates has this; "unconfirmed": those
-- that nobody has seen for too long, in place of all), $2 rows or NULL, $3 and $4 column to sort by, up and
-- down, $5 (not used), $6 endpoints that can be wanted or NULL. By address. One row per endpoint; what it serves
-- (several keys, for example) is a list.
WITH page AS MATERIALIZED (
    SELECT x.*, row_number() OVER (ORDER BY x.address, x.port, x.site, x.server_name, x.id) AS ordinal FROM (
    SELECT e.id, e.site, e.transport, e.address, e.zone, e.port, e.server_name
    FROM endpoint e
    WHERE ($6::bigint[] IS NULL OR e.id = ANY ($6)) AND $5::bigint[] IS NOT DISTINCT FROM $5
      AND (NOT $1::jsonb ? 'after' OR (e.address, e.port, e.site, e.server_name, e.id)
                                      > (($1::jsonb->'after'->>0)::inet, ($1::jsonb->'after'->>1)::integer, ($1::jsonb->'after'->>2)::bigint,
                                         $1::jsonb->'after'->>3, ($1::jsonb->'after'->>4)::bigint))
      -- Each endpoint of a page is looked up alone: a join or hash would read every place for fifty rows.
      AND CASE WHEN $1::jsonb ? 'unconfirmed'
               THEN e.id IN (SELECT u.endpoint FROM endpoint_unconfirmed u)
                    AND ($1::jsonb - '{unconfirmed,after}'::text[] = '{}'
                         OR e.id IN (SELECT w.endpoint FROM endpoints_wanted($1::jsonb - 'unconfirmed', ARRAY(SELECT u.endpoint FROM endpoint_unconfirmed u)) w))
               WHEN $2::bigint IS NULL OR coalesce($3::text, $4::text) IS NOT NULL
               THEN e.id IN (SELECT j.endpoint FROM places_wanted($1::jsonb, $6::bigint[]) j
                             WHERE $1::jsonb->>'deployment' IS NULL OR j.deployment = $1::jsonb->>'deployment')
               ELSE (SELECT true FROM places_wanted($1::jsonb, $6::bigint[]) j
                     WHERE j.endpoint = e.id AND ($1::jsonb->>'deployment' IS NULL OR j.deployment = $1::jsonb->>'deployment') LIMIT 1) END
    ORDER BY e.address, e.port, e.site, e.server_name, e.id
    LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END
    ) x
), found AS MATERIALIZED (
    SELECT x.endpoint, string_agg(x.rule, E'\n') AS rules
    FROM (SELECT DISTINCT f.endpoint, f.severity_rank, f.rule FROM finding f
          WHERE f.endpoint <> 0
            AND (is_whole_list($2, $3, $4, $6) OR f.endpoint = ANY (ARRAY(SELECT id FROM page)))
          ORDER BY f.endpoint, f.severity_rank, f.rule) x
    GROUP BY x.endpoint
)
SELECT * FROM (
SELECT site.name AS site, host(e.address) AS address, e.port, t.name AS transport, nullif(e.server_name, '') AS server_name,
       nullif(e.zone, '') AS zone, s.protocol, tls_version_name(s.tls_version) AS tls_version, cs.name AS cipher_suite, s.named_group,
       s.alpn, CASE WHEN cs.has_forward_secrecy THEN 'yes' WHEN NOT cs.has_forward_secrecy THEN 'no' END AS forward_secrecy,
       accepted.items AS accepts,
       held.certificates, held.deployment, held.not_after, o.owner, array_to_string(o.contacts, E'\n') AS contacts, o.environment,
       found.rules AS findings,
       s.first_certificate_at AS first_seen, seen.last_seen, e.ordinal,
       CASE WHEN e.ordinal = $2::bigint - 1 THEN jsonb_build_array(e.address, e.port, e.site, e.server_name, e.id) END AS page_end
FROM page e
JOIN site ON site.id = e.site
JOIN transport t ON t.id = e.transport
LEFT JOIN endpoint_now s ON s.endpoint = e.id
LEFT JOIN cipher_suite cs ON cs.id = s.cipher_suite
LEFT JOIN endpoints_shown(CASE WHEN NOT is_whole_list($2, $3, $4, $6) OR $1::jsonb ? 'unconfirmed' THEN ARRAY(SELECT id FROM page) END, $1::jsonb ? 'unconfirmed') held
       ON held.endpoint = e.id
LEFT JOIN found ON found.endpoint = e.id
LEFT JOIN endpoints_accept(CASE WHEN NOT is_whole_list($2, $3, $4, $6) THEN ARRAY(SELECT id FROM page) END) accepted ON accepted.endpoint = e.id
LEFT JOIN endpoints_last_seen(CASE WHEN NOT is_whole_list($2, $3, $4, $6) THEN ARRAY(SELECT id FROM page) END) seen ON seen.endpoint = e.id
LEFT JOIN owner_basis o ON o.id = held.owner_basis
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, ordinal LIMIT $2::bigint
