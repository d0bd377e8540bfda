-- What a first load pays for each row, and can have for less.

-- The loader alone writes what endpoints show, and chains: it marks them itself (nows_apply.sql, history_single_nows.sql, first_dirty.sql,
-- loader_chains_pending.sql). These triggers kept all new rows a second time.
DROP TRIGGER endpoint_now_new ON endpoint_now;
DROP TRIGGER chain_pending ON chain;
DROP FUNCTION chain_pending_add();

-- It writes the prefix of an endpoint, too: to compute it here cost as much as to store the row.
ALTER TABLE endpoint ALTER COLUMN prefix DROP EXPRESSION;

-- Indexes on hashes, into which each row goes at another place. The loader alone writes these tables, and looks up what it writes; so they may be
-- put aside (0190_index_rights.sql).
ALTER TABLE endpoint DROP CONSTRAINT endpoint_key_key;
CREATE UNIQUE INDEX endpoint_key ON endpoint (key);
ALTER TABLE chain DROP CONSTRAINT chain_sha256_key;
CREATE UNIQUE INDEX chain_sha256 ON chain (sha256);
