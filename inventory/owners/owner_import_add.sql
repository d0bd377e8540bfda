-- Creates a new rule book. $1 file. Columns: its id, number of rules in the one before.
WITH before AS (SELECT count(*) AS rules FROM owner_rule_current),
     added AS (INSERT INTO owner_import (file, rule_count) VALUES ($1, 0) RETURNING id)
SELECT added.id, before.rules FROM added, before
