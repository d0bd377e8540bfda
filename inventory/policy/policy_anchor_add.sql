-- Stores a root that the policy names, like any certificate. $1 DER
INSERT INTO certificate (sha256, der) VALUES (sha256($1::bytea), $1::bytea) ON CONFLICT (sha256) DO NOTHING
