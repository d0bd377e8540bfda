-- The policy that the verdicts are of, as its file was. $1 is not used
SELECT text FROM policy_judged WHERE $1::text IS NULL OR true
