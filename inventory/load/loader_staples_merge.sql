INSERT INTO staple (sha256, der)
SELECT i.sha256, i.der FROM in_der i
WHERE NOT EXISTS (SELECT FROM staple s WHERE s.sha256 = i.sha256)
ON CONFLICT (sha256) DO NOTHING
