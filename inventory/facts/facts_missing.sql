-- Which certificates have no facts? A batch of them: id, DER.
SELECT c.id, c.der
FROM certificate c
WHERE NOT EXISTS (SELECT FROM certificate_facts f WHERE f.certificate = c.id)
ORDER BY c.id
LIMIT 2000
