-- The list of unmanaged certificates has those that lie in files alone, too: an index of served ones is no order of it.
DROP INDEX certificate_now_unmanaged;
CREATE INDEX certificate_now_unmanaged ON certificate_now (severity_rank, ends_at, sha256) WHERE record = 'unmanaged';
