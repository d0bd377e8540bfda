-- The certificates with findings of the document. Columns: SHA-256, DER in base64.
SELECT encode(c.sha256, 'hex'), encode(c.der, 'base64')
FROM certificate c
WHERE c.id IN (SELECT subject FROM document_finding WHERE subject > 0)
ORDER BY c.sha256
