-- Stores the blocks that no other bundle has reported. $1 scan. Column: block
INSERT INTO scan_block (scan, block) SELECT DISTINCT $1::bigint, block FROM in_block ON CONFLICT DO NOTHING
RETURNING block
