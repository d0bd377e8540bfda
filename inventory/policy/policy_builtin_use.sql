-- Makes the built-in policy (every setting at its default) the one in force if there was none before.
WITH made AS (
    INSERT INTO policy (name, sha256, text, document)
    SELECT 'built-in', sha256(''), '', '{}' WHERE NOT EXISTS (SELECT FROM policy_use)
    RETURNING id)
INSERT INTO policy_use (policy) SELECT id FROM made
