-- Creates a new rule book. $1 file, $2 number of its rules, $3 the rank of the managed record's owner among them (0: before all; NULL: after
-- all). Columns: its id, number of rules in the one before. (Earlier versions kept the file's heading, too.)
WITH before AS (SELECT count(*) AS rules FROM owner_rule_current),
     added AS (INSERT INTO owner_import (file, rule_count, record_rank) VALUES ($1, $2::bigint, $3::bigint) RETURNING id)
SELECT added.id, before.rules FROM added, before
