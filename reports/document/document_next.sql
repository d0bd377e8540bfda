-- For letters: what is due of each certificate that ends soon, or has ended, in the words of its own record, as the lists have it; once for all
-- letters. What a step says to the sender alone (adopt it, link it) is none of these.
INSERT INTO document_next (certificate, what)
SELECT s.certificate, s.what || '.'
FROM next_steps(ARRAY(SELECT n.certificate FROM certificate_now n
                      WHERE n.is_leaf AND n.time IN ('renewal due', 'expiring', 'expired') AND n.certificate IN (SELECT certificate FROM document_place))) s
WHERE s.action IN ('renew', 'install', 'automatic', 'unseen', 'replace today') AND s.certificate IN (SELECT certificate FROM document_place);
ANALYZE document_next;
-- Only the sender has the policy.
UPDATE document_rule SET next_step = 'Take a certificate from an own or approved CA. If its issuer is one, answer so: we name its root in the policy.' WHERE id = 'H01'
