-- title: A public log has a certificate for our name that no scan has seen
-- version: 1
-- severity: medium
-- applies to: any
-- source: RFC 6962, 1: logs are there so that the owner of a name finds what was issued for it; policy: own_suffixes
-- next step: Ask its CA who ordered it. Scan the place where it is used and import its record, or have it revoked.
-- A precertificate counts only where its certificate is nowhere; what a managed source knows is R04's.
INSERT INTO hit (rule, certificate, severity, evidence, next_change_at)
SELECT 'R10', k.certificate, 'medium', jsonb_build_object('names', to_jsonb(o.name_set), 'issuer', i.issuer), k.not_after + interval '1 second'
FROM judging j CROSS JOIN logged g JOIN known k USING (certificate) JOIN certificate_own o USING (certificate) JOIN profile p ON p.id = o.profile
JOIN issuer i USING (issuer_key)
WHERE NOT k.is_judged AND NOT k.is_ca AND k.not_before <= j.as_of AND k.not_after > j.as_of
  AND NOT EXISTS (SELECT FROM certificate_own t JOIN profile q ON q.id = t.profile AND q.issuer = p.issuer
                  WHERE k.has_long_serial AND t.serial_number = o.serial_number AND t.certificate <> o.certificate
                    AND ((p.is_precertificate AND NOT q.is_precertificate)
                         OR EXISTS (SELECT FROM chain c JOIN serving s ON s.chain = c.id WHERE c.leaf = t.certificate)))
  AND NOT EXISTS (SELECT FROM record_open r WHERE r.serial_key = k.serial_key AND r.serial_number = o.serial_number)
