-- What only who keeps the policy can settle: certificates of an own CA that lead to no trust anchor (H01), since no trust store has its root. Of
-- what the document's places are of, wherever. Columns: the CA, certificates, the first day to act by.
SELECT coalesce(n.issuer_name, n.predicate, 'no name'), count(*), min(n.act_by)
FROM (SELECT n.certificate, n.issuer_name, n.predicate, finding_act_by(f.rule, f.severity_rank, f.since, d.day, NULL, s.act_days, s.zone) AS act_by
      FROM finding f JOIN certificate_now n USING (certificate) CROSS JOIN due_setting s LEFT JOIN document_day d USING (certificate)
      WHERE is_for_policy(f.rule, n.issuer) AND NOT is_over(n.is_leaf, n.place_count, n.time, n.is_revoked, n.record_step, n.replaced_at)
        AND f.certificate IN (SELECT certificate FROM document_place)) n
GROUP BY 1
ORDER BY 2 DESC, 1
