-- CA certificates of the inventory, to complete chains that were sent without them. Column: DER.
SELECT c.der FROM certificate c JOIN certificate_facts f ON f.certificate = c.id
WHERE f.is_ca
ORDER BY c.id
LIMIT 20000
