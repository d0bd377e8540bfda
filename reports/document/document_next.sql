-- For letters: what is due of each certificate that ends soon, or has ended, in the words of its own record, as the lists have it; once for all
-- letters. What a step says to the sender alone (adopt it, link it) is none of these.
INSERT INTO document_next (certificate, what, is_renewal)
SELECT s.certificate, step_in_zone(s.what, n.not_after, z.zone) || '.', s.action IN ('renew', 'automatic')
FROM next_steps(ARRAY(SELECT n.certificate FROM certificate_now n
                      WHERE n.is_leaf AND n.time IN ('renewal due', 'expiring', 'expired') AND n.certificate IN (SELECT certificate
                          FROM document_place)), true) s
JOIN certificate_now n ON n.certificate = s.certificate
CROSS JOIN due_setting z
WHERE s.action IN ('renew', 'install', 'automatic', 'unseen', 'replace today') AND s.certificate IN (SELECT certificate FROM document_place);
ANALYZE document_next;
-- Only the sender has the policy, the list of what is managed, and our commands.
UPDATE document_rule r SET next_step = o.next_step
FROM (VALUES ('H01', 'Take a certificate from an own or approved CA. If its issuer is one, answer so: we name its root in the policy.'),
             ('R01', 'Tell us, the certificate team, that it is yours and who manages it; if it may stay as it is, ask for an exception.'),
             ('R07', 'Tell us, the certificate team, who is responsible for it, and whom to write to.'),
             ('F03', 'Reload the service that uses the file.'),
             ('R09', 'Replace the certificate, or ask us, the certificate team, for another exception.'),
             ('R10', 'Tell us, the certificate team, where it is used; what nobody ordered, have its CA revoke.'),
             ('H10', 'Tell us, the certificate team, where its CA publishes its current revocation list.')) o (id, next_step)
WHERE o.id = r.id
