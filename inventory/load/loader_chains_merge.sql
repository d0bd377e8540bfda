-- Stores new chains with their certificates.
WITH added AS (
    INSERT INTO chain (sha256, length, leaf)
    SELECT i.sha256, i.length, i.leaf FROM in_chain i
    WHERE NOT EXISTS (SELECT FROM chain c WHERE c.sha256 = i.sha256)
    ON CONFLICT (sha256) DO NOTHING
    RETURNING id, sha256)
INSERT INTO chain_certificate (chain, position, certificate)
SELECT added.id, l.position, l.certificate
FROM added JOIN in_chain i ON i.sha256 = added.sha256 JOIN in_link l ON l.chain = i.row
