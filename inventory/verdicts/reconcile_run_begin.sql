-- Notes that this run begins, and its policy (policy_judged). $1 whether it is a replay.
INSERT INTO reconcile_run (as_of, is_replay, is_full, basis, changed, policy)
SELECT as_of, $1::boolean, is_full, basis, 0, policy FROM judging
