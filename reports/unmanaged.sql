-- Which certificates are served here that nobody manages? $1 site or NULL
SELECT c.severity, c.name, certificate_places(c.certificate, $1) AS places, c.owner,
       array_to_string(c.contacts, E'\n') AS contacts, c.issuer_name AS issuer, c.issuer_kind, c.time AS state,
       c.not_after, c.days_left, evidence_text(c.record_evidence) AS because,
       coalesce(c.next_step, 'Find out who runs it; then take it into the managed set or replace it.') AS next_step,
       c.first_seen, c.last_seen, c.sha256
FROM report_certificate c
WHERE c.record = 'unmanaged' AND c.place_count > 0
  AND ($1::text IS NULL OR c.certificate IN (SELECT p.certificate FROM report_place p WHERE p.site = $1))
ORDER BY c.severity_rank NULLS LAST, c.not_after, c.name, c.sha256
