-- All that a document says is true at one moment. Whole lists sort and group what a page would look up.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL work_mem = '64MB';
SET LOCAL jit = off
