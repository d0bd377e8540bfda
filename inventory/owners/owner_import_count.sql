-- Stores the number of rules of an import. $1 import, $2 rules
UPDATE owner_import SET rule_count = $2::bigint WHERE id = $1::bigint
