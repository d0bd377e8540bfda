-- Which certificates come from a public CA that is neither the organisation's own nor approved? $1 site or NULL
SELECT c.name, certificate_places(c.certificate, $1) AS places, c.issuer, c.record, c.owner,
       array_to_string(c.contacts, E'\n') AS contacts, c.time AS state, c.not_after, c.days_left,
       evidence_text(c.issuer_evidence) AS because, c.next_step, c.sha256
FROM report_certificate c
WHERE c.issuer_kind = 'foreign'
  AND ($1::text IS NULL OR c.certificate IN (SELECT p.certificate FROM report_place p WHERE p.site = $1))
ORDER BY c.record DESC, c.issuer, c.not_after, c.name, c.sha256
