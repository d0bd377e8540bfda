-- title: A subject alternative name that the public web does not allow
-- version: 1
-- severity: high
-- applies to: server, ca, unknown
-- needs: public
-- source: BR 7.1.2.7.12, 3.2.2.4 (internal names), 4.2.2 (reserved addresses), 3.2.2.6 (wildcards); RFC 5280, 4.2.1.6
-- next step: Ask for a certificate without this name; internal names belong into certificates of a private CA.
-- Names under .arpa are forbidden since 2026-03-15, underscores since 2019-04-01, and for more than 30 days since
-- 2018-12-10 (ballot SC12).
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C11', s.certificate, 'high', jsonb_build_object('faults', jsonb_agg(DISTINCT x.fault))
FROM subject s JOIN certificate_own o USING (certificate), unnest(o.name_faults) AS x (fault)
WHERE s.is_leaf AND s.is_public AND o.name_faults <> '{}'
  AND split_part(x.fault, ': ', 1) <> 'wildcard of a public suffix'
  AND (split_part(x.fault, ': ', 1) <> 'reverse zone' OR s.not_before >= '2026-03-15 00:00:00+00')
  AND (split_part(x.fault, ': ', 1) <> 'underscore' OR s.not_before >= '2019-04-01 00:00:00+00'
       OR (s.not_before >= '2018-12-10 00:00:00+00' AND s.life > interval '30 days'))
GROUP BY s.certificate
