-- Deletes hits on certificates of a kind to which the rule does not apply (the rule's header names the kinds): a requirement for
-- web servers is no fault of a code-signing certificate.
DELETE FROM hit h
USING rule r, known k
JOIN profile p ON p.id = k.profile
WHERE r.id = h.rule AND r.kinds <> '{any}' AND k.certificate = h.certificate AND NOT r.kinds && p.kinds
