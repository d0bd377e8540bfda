-- Owners whose calendar still holds something, and who get no letter any more (split_owners.sql). $1 site ('' all). Column: owner.
SELECT e.owner FROM calendar_event e CROSS JOIN report_as_of r
WHERE e.site = $1 AND (NOT e.is_cancelled OR e.changed_at > r.as_of - interval '400 days')
  AND e.owner NOT IN (SELECT owner FROM document_record)
  AND e.owner NOT IN (SELECT p.owner FROM document_place p
                      WHERE p.owner <> '' OR p.endpoint <> 0 OR p.certificate IN (SELECT certificate FROM certificate_now WHERE is_leaf))
GROUP BY e.owner ORDER BY e.owner
