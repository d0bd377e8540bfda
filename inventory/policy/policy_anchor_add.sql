-- A root that the policy names is a certificate like others. $1 DER
INSERT INTO certificate (sha256, der) VALUES (sha256($1::bytea), $1::bytea) ON CONFLICT (sha256) DO NOTHING
