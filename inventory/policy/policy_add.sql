-- Stores the policy of this text if it is new. $1 name, $2 SHA-256 of the text, $3 text, $4 document. Column: id.
WITH made AS (
    INSERT INTO policy (name, sha256, text, document) VALUES ($1, $2::bytea, $3, $4::jsonb)
    ON CONFLICT (sha256) DO UPDATE SET document = excluded.document     -- roots named by it may have changed
    RETURNING id
)
SELECT id FROM made
