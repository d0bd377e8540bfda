-- What follows joins a batch with tables of any size.
SET LOCAL work_mem = '96MB';
SET LOCAL synchronous_commit = off
