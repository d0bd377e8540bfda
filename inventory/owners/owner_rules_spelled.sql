-- Gives all rules of an import ($1) whose owners differ only in case the spelling that stands first in the file: --owner joins them, so they
-- are one owner everywhere. Columns: line in the file where the other spelling stands first, that spelling, the one that is kept, its line.
WITH spelled AS MATERIALIZED (
    SELECT owner, lower(owner) AS folded, min(coalesce(source_line, line)) AS at FROM owner_rule WHERE import = $1::bigint GROUP BY owner
), kept AS MATERIALIZED (
    SELECT DISTINCT ON (folded) folded, owner, at FROM spelled ORDER BY folded, at, owner
), other AS MATERIALIZED (
    SELECT s.owner, s.at, k.owner AS kept, k.at AS kept_at FROM spelled s JOIN kept k USING (folded) WHERE s.owner <> k.owner
), changed AS (
    UPDATE owner_rule r SET owner = o.kept FROM other o WHERE r.import = $1::bigint AND r.owner = o.owner
)
SELECT at, owner, kept, kept_at FROM other ORDER BY at, owner
