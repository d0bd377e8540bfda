-- title: An exception has ended, and what it excused is still there
-- version: 2
-- severity: medium
-- applies to: any
-- needs: managed
-- source: inference: an accepted risk is accepted until a day
-- next step: Replace the certificate, take it into the managed set, or decide again: certsweep managed accept SHA256 --reason TEXT --until DATE.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT DISTINCT ON (a.certificate) 'R09', a.certificate, 'medium', jsonb_build_object('accepted_by', d.who, 'accepted_because', d.reason,
                                                                                      'accepted_until', d.until)
FROM judging j, axes a JOIN certificate c ON c.id = a.certificate JOIN decision d ON d.sha256 = c.sha256 JOIN subject s ON s.certificate = a.certificate
WHERE a.record = 'unmanaged' AND s.is_leaf AND d.kind = 'accept' AND d.undone_at IS NULL AND d.until <= j.as_of
ORDER BY a.certificate, d.until DESC
