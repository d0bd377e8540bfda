-- What is there of this name, hash, serial number, address, issuer or owner? $1 filter ("argument"), $2 rows or NULL, $3 and $4 column to
-- sort by, up and down. Certificates first, then places, issuers, owners, records that nothing matches. The other filters narrow what is
-- found: an issuer or an owner by the certificates that it has; a record by its own owner, issuer, source and names, as it is at no place.
WITH RECURSIVE owners (owner) AS (        -- each once, skipping through the index, as most have many rows; no owner is named like a hash or address
    (SELECT owner FROM owner_basis WHERE $1::jsonb->>'argument' !~ '^[][0-9a-fA-F:. -]{7,}$' ORDER BY lower(owner) LIMIT 1)
    UNION ALL
    SELECT (SELECT b.owner FROM owner_basis b WHERE lower(b.owner) > lower(o.owner) ORDER BY lower(b.owner) LIMIT 1) FROM owners o WHERE o.owner IS NOT NULL
), asked AS MATERIALIZED (
    SELECT $1::jsonb->>'argument' AS what, '%' || glob_like(btrim($1::jsonb->>'argument')) || '%' AS pattern
), named AS MATERIALIZED (
    SELECT f.certificate, f.matched_by FROM certificates_found($1::jsonb->>'argument') f
), hit AS MATERIALIZED (
    SELECT f.certificate, f.matched_by FROM named f
    WHERE $1::jsonb - 'argument' = '{}'
       OR f.certificate IN (SELECT certificate FROM certificates_among($1::jsonb - 'argument', ARRAY(SELECT certificate FROM named)))
    LIMIT 10000
), at_place AS MATERIALIZED (
    SELECT f.endpoint FROM endpoints_found($1::jsonb->>'argument') f
), place AS MATERIALIZED (
    SELECT e.id FROM endpoint e
    WHERE e.id = ANY (ARRAY(SELECT endpoint FROM at_place))
      AND ($1::jsonb - 'argument' = '{}'
           OR e.id IN (SELECT w.endpoint FROM endpoints_wanted($1::jsonb - 'argument', ARRAY(SELECT endpoint FROM at_place)) w))
    LIMIT 10000
)
SELECT * FROM (
SELECT 'certificate' AS found, h.matched_by, c.name, c.places, c.owner, c.status, c.not_after,
       encode(c.sha256, 'hex') AS sha256, 'certsweep report certificate ' || left(encode(c.sha256, 'hex'), 16) AS command, 1 AS by_found, c.ends_at
FROM hit h JOIN found_certificates(ARRAY(SELECT certificate FROM hit), $1::jsonb) c ON c.certificate = h.certificate
UNION ALL
SELECT 'endpoint', CASE WHEN e.server_name <> '' AND text_key(e.server_name) = text_key(lower(asked.what)) THEN 'name asked' ELSE 'address' END,
       e.names, place_text(e.address, e.port, e.server_name), e.owner, e.status, e.not_after, NULL,
       'certsweep report endpoint ' || CASE family(e.address) WHEN 4 THEN host(e.address) ELSE '''[' || host(e.address) || ']' END || ':' || e.port
           || CASE family(e.address) WHEN 4 THEN '' ELSE '''' END, 2, NULL
FROM found_endpoints(ARRAY(SELECT id FROM place)) e
CROSS JOIN asked
UNION ALL
SELECT 'issuer', 'issuer', p.issuer, NULL, NULL, counted(count(*), 'certificate'), NULL, NULL,
       'certsweep report certificates --issuer ' || shell_word(p.issuer)
           || coalesce((SELECT string_agg(o.option, '' ORDER BY o.key) FROM filter_options($1::jsonb - '{argument,issuer}'::text[]) o), ''), 3, NULL
FROM asked JOIN profile p ON p.issuer ILIKE asked.pattern JOIN certificate_own f ON f.profile = p.id
WHERE length(asked.what) >= 3
  AND ($1::jsonb - 'argument' = '{}' OR f.certificate IN (SELECT w.certificate FROM certificates_wanted($1::jsonb - 'argument', NULL) w))
GROUP BY p.issuer
UNION ALL
SELECT DISTINCT 'owner', 'owner', b.owner, NULL, b.owner, NULL, NULL::timestamptz, NULL, 
       'certsweep report certificates --owner ' || shell_word(b.owner)
           || coalesce((SELECT string_agg(o.option, '' ORDER BY o.key) FROM filter_options($1::jsonb - '{argument,owner}'::text[]) o), ''), 4, NULL::timestamptz
FROM asked JOIN owners b ON b.owner ILIKE asked.pattern
WHERE length(asked.what) >= 3
  AND ($1::jsonb - 'argument' = '{}'
       OR lower(b.owner) IN (SELECT lower(o.owner) FROM certificates_wanted($1::jsonb - 'argument', NULL) w JOIN owner_basis o ON o.id = w.owner_basis))
UNION ALL
SELECT 'record', s.name, coalesce(r.common_name, r.subject), r.location, r.owner, 'not matched by any certificate', r.not_after, encode(r.sha256, 'hex'),
       'certsweep managed list --source ' || shell_word(s.name), 5, NULL
FROM asked CROSS JOIN LATERAL (
    SELECT r.* FROM managed_record r WHERE text_key(r.common_name) = text_key(lower(asked.what)) AND r.common_name = lower(asked.what)
    UNION
    SELECT r.* FROM managed_record r WHERE r.serial_key = text_key(lower(regexp_replace(asked.what, '[: ]', '', 'g')))) r
JOIN managed_source s ON s.id = r.source
WHERE r.valid_to IS NULL AND NOT EXISTS (SELECT FROM certificate_now n WHERE n.record_id = r.id)
  AND NOT $1::jsonb ?| '{site,network,port,rule,severity,kind,within,due}'
  AND ($1::jsonb->>'source' IS NULL OR s.name = $1::jsonb->>'source')
  AND ($1::jsonb->>'owner' IS NULL OR lower(coalesce(r.owner, r.department, 'none')) = lower($1::jsonb->>'owner'))
  AND ($1::jsonb->>'issuer' IS NULL OR r.issuer ILIKE '%' || glob_like($1::jsonb->>'issuer') || '%')
  AND ($1::jsonb->>'name' IS NULL OR EXISTS (SELECT FROM unnest(r.name_set || r.common_name) n WHERE lower(n) LIKE glob_like(lower($1::jsonb->>'name'))))
) q ORDER BY to_jsonb(q) -> $3, to_jsonb(q) -> $4 DESC NULLS LAST, by_found, ends_at, name, places, sha256 LIMIT $2::bigint
