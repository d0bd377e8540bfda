-- The numbers of the first sentences, of the tables of this document. One row.
SELECT count(c.certificate) AS certificates,
       count(*) FILTER (WHERE c.record = 'unmanaged') AS unmanaged,
       count(*) FILTER (WHERE c.record = 'not judged') AS unjudged,
       count(*) FILTER (WHERE c.not_after < r.as_of) AS expired,
       count(*) FILTER (WHERE c.not_after >= r.as_of AND c.not_after < date_trunc('week', r.as_of) + interval '13 weeks') AS soon,
       count(*) FILTER (WHERE c.not_after >= date_trunc('week', r.as_of) + interval '13 weeks') AS later,
       (SELECT count(DISTINCT p.endpoint) FROM document_place p JOIN document_certificate d USING (certificate)
        WHERE p.endpoint <> 0) AS places,
       (SELECT count(*) FROM document_finding) AS findings,
       (SELECT count(DISTINCT rule) FROM document_finding) AS rules,
       (SELECT count(DISTINCT subject) FROM document_finding) AS subjects,
       (SELECT count(DISTINCT f.subject) FROM document_finding f JOIN document_certificate d ON d.certificate = f.subject CROSS JOIN report_as_of a
        WHERE d.not_after < a.as_of AND f.act_by < a.as_of::date) AS expired_overdue,
       (SELECT string_agg(grouped(n) || ' ' || name, ', ' ORDER BY rank)
        FROM (SELECT s.rank, s.name, count(*) AS n FROM document_finding f JOIN severity s ON s.rank = f.severity_rank
              GROUP BY s.rank, s.name) g) AS severities
FROM (SELECT as_of FROM report_as_of) r
LEFT JOIN document_certificate c ON true
