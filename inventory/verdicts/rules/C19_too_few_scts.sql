-- title: Fewer signed certificate timestamps than browsers want
-- version: 2
-- severity: high
-- applies to: server, unknown
-- needs: public
-- source: Chrome CT policy (2026-07); Apple CT policy, support.apple.com/103214
-- next step: Ask the CA to log the certificate and to embed the timestamps; browsers refuse it without.
-- By its life: two up to 180 days, three above (issued from 2022-04-15), of which one operator counts for one or for two; so there are at
-- least two operators. Before, by months: 2, 3, 4, 5 up to 15, 27, 39 months and above. A log that ct_log does not know has its own operator.
-- Timestamps may come by TLS or a staple instead; these are not looked into, so one without any embedded is a medium hit.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C19', s.certificate, CASE WHEN o.sct_count = 0 THEN 'medium' ELSE 'high' END,
       jsonb_build_object('embedded', o.sct_count, 'logs', l.logs, 'wanted', w.wanted, 'counted', l.counted,
                          'operators', CASE WHEN l.counted < l.logs THEN l.operators END)
FROM subject s JOIN certificate_own o USING (certificate) JOIN profile p ON p.id = o.profile
CROSS JOIN LATERAL (SELECT CASE
    WHEN s.not_before >= '2022-04-15 00:00:00+00' THEN CASE WHEN s.life <= interval '180 days' THEN 2 ELSE 3 END
    WHEN s.not_after < s.not_before + interval '15 months' THEN 2 WHEN s.not_after <= s.not_before + interval '27 months' THEN 3
    WHEN s.not_after <= s.not_before + interval '39 months' THEN 4 ELSE 5 END AS wanted) w
CROSS JOIN LATERAL (
    SELECT coalesce(sum(logs), 0) AS logs, to_jsonb(array_agg(operator ORDER BY operator) FILTER (WHERE operator IS NOT NULL)) AS operators,
           coalesce(sum(CASE WHEN operator IS NULL OR s.not_before < '2022-04-15 00:00:00+00' THEN logs
                             ELSE least(logs, w.wanted - 1) END), 0) AS counted
    FROM (SELECT c.operator, count(*) AS logs FROM (SELECT DISTINCT unnest(o.sct_logs) AS log_id) x LEFT JOIN ct_log c USING (log_id)
          GROUP BY c.operator) each) l
WHERE s.is_leaf AND s.is_public AND NOT s.is_ca AND s.not_before >= '2018-04-30 00:00:00+00' AND NOT p.is_precertificate
  AND l.counted < w.wanted
