-- Drops the temporary tables of an earlier question, or of a reconcile run, in this session.
DISCARD TEMP
