-- Which findings are true now? $1 filter ("weak": of keys, signatures, versions and suites alone, without mere information; "verdicts":
-- only those), $2 rows or NULL, $3 and $4 column to sort by, up and down, $5 certificates and $6 endpoints that can be wanted or NULL.
-- Gravest first, rule by rule; of a page's rows of one rule, those with the same next step stand together. The row behind the page stays behind it.
WITH page AS MATERIALIZED (
    SELECT x.*, row_number() OVER (ORDER BY x.severity_rank, x.rule, x.certificate, x.endpoint) AS ordinal FROM (
    SELECT f.*
    FROM findings_wanted($1::jsonb, $5::bigint[], $6::bigint[]) f
    WHERE (NOT $1::jsonb ? 'weak' OR (f.severity_rank < 5 AND (f.rule IN (SELECT id FROM rule WHERE is_weak_rule(id))) IS TRUE))
      AND (NOT $1::jsonb ? 'after' OR (f.severity_rank, f.rule, f.certificate, f.endpoint)
                                      > (($1::jsonb->'after'->>0)::smallint, $1::jsonb->'after'->>1, ($1::jsonb->'after'->>2)::bigint, ($1::jsonb->'after'->>3)::bigint))
    ORDER BY f.severity_rank, f.rule, f.certificate, f.endpoint
    LIMIT CASE WHEN coalesce($3::text, $4::text) IS NULL THEN $2::bigint END
    ) x
), named AS MATERIALIZED (
    SELECT h.*, n.certificate AS is_known, n.name, n.sha256, n.issuer, n.owner_basis, n.not_after, n.safe_until,
           n.is_revoked, n.revoked_at, n.replaced_at,
           h.endpoint = 0 AND is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at) AS is_over, CASE WHEN h.endpoint = 0
               THEN kept_places(n.places, $1::jsonb) END AS places
    FROM page h LEFT JOIN certificate_now n ON n.certificate = h.certificate
), own AS MATERIALIZED (                -- a root that only lies in trust stores has no row of its own
    SELECT o.certificate, o.subject, o.not_after, c.sha256
    FROM (SELECT DISTINCT certificate FROM named WHERE is_known IS NULL AND certificate <> 0) n
    JOIN certificate_own o USING (certificate) JOIN certificate c ON c.id = o.certificate
), said AS MATERIALIZED (               -- many say the same
    SELECT d.evidence, evidence_text(d.evidence) AS because FROM (SELECT DISTINCT evidence FROM page) d
), held AS MATERIALIZED (               -- what an endpoint shows: of a finding about both, the certificate; else all of them
    SELECT x.endpoint, x.certificate, string_agg(DISTINCT x.name, E'\n') AS names, min(x.owner_basis) AS owner_basis,
           CASE WHEN count(*) = 1 THEN (array_agg(x.sha256))[1] END AS sha256
    FROM (SELECT h.endpoint, h.certificate, c.name, j.owner_basis, c.sha256
          FROM (SELECT DISTINCT endpoint, certificate FROM page WHERE endpoint <> 0) h
          JOIN endpoint_judged j ON j.endpoint = h.endpoint AND h.certificate IN (0, j.certificate)
          JOIN certificate_now c ON c.certificate = j.certificate
          ORDER BY h.endpoint, h.certificate, c.sha256) x
    GROUP BY x.endpoint, x.certificate
), closing AS MATERIALIZED (
    SELECT p.certificate, o.owner, o.contacts
    FROM (SELECT DISTINCT certificate FROM page WHERE rule = 'K21') p JOIN key_judged k USING (certificate) JOIN owner_basis o ON o.id = k.owner_basis
), reached AS MATERIALIZED (            -- in the order of their rules, as everywhere
    SELECT x.certificate, (array_agg(x.contact ORDER BY x.owner, x.place, x.contact))[:50] AS contacts
    FROM (SELECT DISTINCT ON (o.certificate, c.contact) o.certificate, o.owner, c.contact, c.place
          FROM closing o CROSS JOIN LATERAL unnest(o.contacts) WITH ORDINALITY c (contact, place)
          ORDER BY o.certificate, c.contact, o.owner, c.place) x
    GROUP BY x.certificate
), keyed AS MATERIALIZED (              -- a key that all may read is of who can close its file
    SELECT x.certificate,
           CASE WHEN count(DISTINCT x.owner) > 1 THEN owners_together(string_agg(DISTINCT x.owner, '; ' ORDER BY x.owner))
                ELSE min(x.owner) END AS owner, min(r.contacts) AS contacts
    FROM closing x LEFT JOIN reached r USING (certificate)
    GROUP BY x.certificate
), at AS MATERIALIZED (                 -- the text of each endpoint once
    SELECT e.id AS endpoint, site_ahead(site.name, $1::jsonb, (SELECT default_is_named())) || place_text(e.address, e.port, e.server_name) AS place
    FROM (SELECT DISTINCT endpoint FROM page WHERE endpoint <> 0) p JOIN endpoint e ON e.id = p.endpoint JOIN site ON site.id = e.site
)
SELECT * FROM (
SELECT s.name AS severity, h.rule, ru.title AS finding, coalesce(h.name, held.names, own.subject) AS name,
       CASE WHEN h.endpoint <> 0 THEN at.place ELSE coalesce(h.places, placed.places) END AS places,
       coalesce(keyed.owner, o.owner) AS owner,
       array_to_string(CASE WHEN keyed.owner IS NULL THEN o.contacts ELSE keyed.contacts END, E'\n') AS contacts,
       said.because, due.step AS next_step, ru.source, h.since,
       due.act_by::timestamp AT TIME ZONE 'UTC' AS act_by,
       encode(coalesce(h.sha256, held.sha256, own.sha256), 'hex') AS sha256, h.ordinal,
       CASE WHEN h.ordinal = $2::bigint - 1 THEN jsonb_build_array(h.severity_rank, h.rule, h.certificate, h.endpoint) END AS page_end,
       h.severity_rank, CASE WHEN h.is_over THEN 3 WHEN due.step <> ru.next_step THEN 2 ELSE 1 END AS step_rank
FROM named h
JOIN severity s ON s.rank = h.severity_rank
JOIN rule ru ON ru.id = h.rule
JOIN said ON said.evidence = h.evidence
CROSS JOIN due_setting setting
LEFT JOIN own ON own.certificate = h.certificate AND h.is_known IS NULL
CROSS JOIN LATERAL finding_due(h.is_over, h.replaced_at, h.rule, ru.next_step, h.issuer, h.severity_rank, h.since, h.safe_until,
                               coalesce(h.not_after, own.not_after), h.is_revoked, h.revoked_at, setting.act_days, setting.zone) due
LEFT JOIN at ON at.endpoint = h.endpoint
LEFT JOIN keyed ON keyed.certificate = h.certificate AND h.rule = 'K21'
LEFT JOIN held ON held.endpoint = h.endpoint AND held.certificate = h.certificate
LEFT JOIN certificate_places(ARRAY(SELECT DISTINCT certificate FROM named WHERE endpoint = 0 AND places IS NULL), $1::jsonb) placed
       ON placed.certificate = h.certificate AND h.endpoint = 0
LEFT JOIN owner_basis o ON o.id = CASE WHEN h.endpoint = 0 THEN h.owner_basis ELSE coalesce(held.owner_basis, h.owner_basis) END
) q ORDER BY sort_value(to_jsonb(q), $3), sort_value(to_jsonb(q), $4) DESC NULLS LAST,
         ordinal IS NOT DISTINCT FROM $2::bigint, severity_rank, rule, step_rank, ordinal LIMIT $2::bigint
