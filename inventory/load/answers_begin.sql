-- Settings for the statements that follow, which join a batch with tables of any size.
SET LOCAL work_mem = '96MB';
SET LOCAL synchronous_commit = off
