INSERT INTO certificate (sha256, der)
SELECT i.sha256, i.der FROM in_der i
WHERE NOT EXISTS (SELECT FROM certificate c WHERE c.sha256 = i.sha256)
ON CONFLICT (sha256) DO NOTHING
