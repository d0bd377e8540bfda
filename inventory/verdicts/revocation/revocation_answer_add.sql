-- Stores a responder's answer like one that a server stapled: $1 DER, $2 its SHA-256. staples_update() reads it.
INSERT INTO staple (sha256, der) VALUES ($2::bytea, $1::bytea) ON CONFLICT (sha256) DO NOTHING
