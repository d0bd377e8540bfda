-- What a night of which one answer in a hundred changed writes to the log: after a checkpoint, every page that it touches, whole. What changes lies
-- scattered, so what counts is how many indexes notice it, and how many pages these have.

-- Rows whose state changes stay on their page, which no index then notices (HOT): a tenth of each page is left free for that.
ALTER TABLE answer_now SET (fillfactor = 90);
ALTER TABLE endpoint_now SET (fillfactor = 90);

-- An index by hash has half the pages of one that holds the 32 octets. The loader alone writes chains, one load at a time, and looks up what it writes.
-- (certificate_own_spki stays a B-tree: `find` looks for the beginning of a key's hash.)
DROP INDEX IF EXISTS chain_sha256;
CREATE INDEX chain_sha256 ON chain USING hash (sha256);

-- An endpoint has a row where its answer changed: few, so their time need not be in the index.
DROP INDEX IF EXISTS observation_endpoint;
CREATE INDEX observation_endpoint ON observation (endpoint);

-- Events of a load lie side by side in the order of their endpoints (of a first load: in parts), so the least and the greatest of sixteen pages find those
-- of one endpoint. Who asks for many reads the table.
DROP INDEX IF EXISTS event_endpoint;
CREATE INDEX event_endpoint ON event USING brin (endpoint) WITH (pages_per_range = 16, autosummarize = on);

-- Only keys whose moduli can be compared: whether another key is known, certificate_own says. Nobody looks a modulus up; those that the
-- comparison has found are joined with all.
DELETE FROM public_key WHERE modulus IS NULL;
DROP INDEX IF EXISTS public_key_modulus;
ALTER TABLE public_key DROP CONSTRAINT public_key_pkey, ALTER COLUMN modulus SET NOT NULL, ALTER COLUMN modulus_sha256 SET NOT NULL;
CREATE INDEX public_key_spki ON public_key USING hash (spki_sha256);
DELETE FROM index_aside WHERE name IN ('chain_sha256', 'observation_endpoint', 'event_endpoint');
