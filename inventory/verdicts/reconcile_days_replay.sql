-- Numbers the working days of the policy that was in force then, in this session's own table. (A function might still mean that of the present.)
INSERT INTO business_day
SELECT d.* FROM policy_judged p CROSS JOIN LATERAL business_days_of(p.document -> 'holidays') d;
ANALYZE business_day
