-- What is there of this name, hash, serial number, address, issuer or owner? $1 filter ("argument"), $2 rows or NULL, $3 and $4 column to
-- sort by, up and down. Certificates first, then places, issuers, owners, records that nothing matches. The other filters narrow what is
-- found: an issuer or an owner by the certificates that it has; a record by its own owner, issuer, source and names, as it is at no place.
WITH asked AS MATERIALIZED (
    SELECT $1::jsonb->>'argument' AS what
), called AS MATERIALIZED (
    SELECT f.certificate, f.matched_by FROM certificates_found($1::jsonb->>'argument') f
), recorded AS MATERIALIZED (           -- by their record, which a person may have linked to one with another name
    SELECT n.certificate FROM certificate_now n WHERE n.record_id = ANY (records_called($1::jsonb->>'argument'))
    EXCEPT SELECT certificate FROM called
), named AS MATERIALIZED (
    SELECT certificate, matched_by FROM called UNION ALL SELECT certificate, 'record' FROM recorded
), hit AS MATERIALIZED (
    SELECT f.certificate, f.matched_by FROM named f
    WHERE $1::jsonb - 'argument' = '{}'
       OR f.certificate IN (SELECT certificate FROM certificates_among($1::jsonb - 'argument', ARRAY(SELECT certificate FROM named)))
    LIMIT 10000
), kept AS MATERIALIZED (
    SELECT options_kept($1::jsonb) AS text
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
       encode(c.sha256, 'hex') AS sha256, 'certsweep report certificate ' || left(encode(c.sha256, 'hex'), 16) || kept.text AS command, 1 AS by_found, c.ends_at
FROM hit h JOIN found_certificates(ARRAY(SELECT certificate FROM hit), $1::jsonb) c ON c.certificate = h.certificate CROSS JOIN kept
UNION ALL
SELECT 'endpoint', CASE WHEN e.server_name <> '' AND text_key(e.server_name) = text_key(lower(asked.what)) THEN 'name asked' ELSE 'address' END,
       e.names, site_ahead(e.site, $1::jsonb, (SELECT default_is_named())) || place_text(e.address, e.port, e.server_name), e.owner, e.status,
       e.not_after, NULL,
       endpoint_command(e.address, e.port, e.site, $1::jsonb), 2, NULL
FROM found_endpoints(ARRAY(SELECT id FROM place)) e
CROSS JOIN asked
UNION ALL
SELECT 'issuer', 'issuer', f.issuer, NULL, NULL, counted(f.count, 'certificate'), NULL, NULL,
       'certsweep report certificates --issuer ' || shell_word(f.issuer) || options_kept($1::jsonb - 'issuer'), 3, NULL
FROM found_issuers($1::jsonb) f
UNION ALL
SELECT 'owner', CASE WHEN f.former IS NULL THEN 'owner' ELSE 'former owner' END, coalesce(f.owner, counted_grouped(f.former, 'former owner')), NULL, f.owner,
       CASE WHEN f.former IS NOT NULL THEN 'nothing is theirs now' WHEN f.certificates = 0 AND f.records > 0
            THEN counted_grouped(f.records, 'record') || ' not seen' ELSE counted_grouped(f.certificates, 'certificate') END, NULL, NULL,
       -- a list that has rows
       'certsweep report ' || CASE WHEN f.certificates > 0 THEN 'certificates' WHEN f.records > 0 THEN 'recorded' END
           || ' --owner ' || owner_word(f.owner) || options_kept($1::jsonb - 'owner'), CASE WHEN f.former IS NULL THEN 4 ELSE 5 END, NULL
FROM found_owners($1::jsonb) f
UNION ALL
SELECT 'record', f.source, f.name, f.location, f.owner, 'not matched by any certificate', f.not_after, encode(f.sha256, 'hex'),
       CASE WHEN f.listed IS NULL THEN 'certsweep managed list --source ' || shell_word(f.source)
            ELSE 'certsweep report recorded --name ' || shell_word(f.listed) || options_kept($1::jsonb - '{name,source}'::text[])
                 || ' --source ' || shell_word(f.source) END, 6, NULL
FROM found_records($1::jsonb) f
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST, by_found, ends_at, name, places, sha256 LIMIT $2::bigint
