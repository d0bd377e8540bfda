-- title: Nothing says where its revocation can be looked up
-- version: 3
-- severity: medium
-- applies to: server, unknown
-- needs: public
-- source: BR 7.1.2.11.2, 7.1.2.7.7 (short-lived certificates need none)
-- next step: Ask the CA for a certificate with a CRL distribution point or an OCSP responder.
-- The requirement as it stands now is of 2023-09-15; before, an OCSP responder was asked for, a CRL was not enough.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C18', s.certificate, 'medium', jsonb_build_object('reason', 'it names no OCSP responder and no revocation list over HTTP',
                                                          'crl_urls', to_jsonb(nullif(p.crl_urls, '{}')),
                                                            'issued', s.not_before)
FROM profile p JOIN subject s ON s.profile = p.id
WHERE p.ocsp_urls = '{}' AND NOT EXISTS (SELECT FROM unnest(p.crl_urls) u WHERE u ILIKE 'http%')
  AND s.is_leaf AND s.is_public AND NOT s.is_ca AND NOT s.is_unreadable
  AND s.life >= CASE WHEN s.not_before < '2026-03-15 00:00:00+00' THEN interval '10 days' ELSE interval '7 days' END
