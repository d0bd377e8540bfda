-- The findings of the owner that the document is filled with, and what must be renewed, first day first.
SELECT f.act_by, s.name AS severity, f.rule, ru.title AS finding, coalesce(n.name, place_text(e.address, e.port, e.server_name)) AS name,
       CASE WHEN e.id IS NOT NULL THEN site.name || ' ' || place_text(e.address, e.port, e.server_name)
            ELSE (SELECT string_agg(site.name || ' ' || place_text(x.address, x.port, x.server_name), E'\n' ORDER BY site.name, x.address, x.port, x.server_name)
                  FROM document_place d
                  JOIN document_certificate c ON c.certificate = d.certificate AND c.owner = d.owner
                  JOIN endpoint x ON x.id = d.endpoint JOIN site ON site.id = x.site
                  WHERE d.certificate = f.certificate AND d.endpoint <> 0) END AS places,
       c.also_at, evidence_text(f.evidence) AS because, ru.next_step, ru.source, n.not_after, encode(n.sha256, 'hex') AS sha256
FROM document_finding f
JOIN severity s ON s.rank = f.severity_rank
JOIN document_rule ru ON ru.id = f.rule
LEFT JOIN certificate_now n ON n.certificate = f.subject
LEFT JOIN document_certificate c ON c.certificate = f.subject
LEFT JOIN endpoint e ON e.id = f.endpoint AND f.endpoint <> 0
LEFT JOIN site ON site.id = e.site
ORDER BY f.act_by NULLS LAST, f.severity_rank, f.rule, n.name COLLATE "C", f.certificate, f.endpoint
