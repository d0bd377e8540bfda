-- title: RSA prime shared with another key of the inventory
-- version: 2
-- severity: critical
-- applies to: any
-- needs: gcd
-- source: Heninger et al. 2012; badkeys
-- next step: Anybody who has both certificates has both private keys: make a new key with an up-to-date tool, replace the certificate, revoke this one.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'K11', s.certificate, 'critical',
       jsonb_object_agg(w.weakness, w.evidence || jsonb_build_object('shared_with', (
           SELECT jsonb_agg(x.name ORDER BY x.name) FROM (
               SELECT DISTINCT coalesce(c.common_names[1], c.name_set[1], c.subject) AS name FROM public_key k
                   JOIN certificate_own c USING (spki_sha256)
               WHERE k.modulus_sha256 = decode(w.evidence ->> 'other_modulus_sha256', 'hex') ORDER BY 1 LIMIT 5) x)))
FROM subject s JOIN certificate_own o USING (certificate) JOIN key_weakness w USING (spki_sha256)
WHERE w.weakness IN ('shared_prime')
GROUP BY s.certificate
