-- Stores the certificates that a source contained, like those that scans found.
INSERT INTO certificate (sha256, der)
SELECT DISTINCT ON (sha256) sha256, der FROM managed_new WHERE der IS NOT NULL
ON CONFLICT (sha256) DO NOTHING
