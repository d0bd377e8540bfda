-- Begins a snapshot, so that all of a document is true at one moment. Complete lists sort and group much more than one page does.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL work_mem = '64MB';
SET LOCAL jit = off
