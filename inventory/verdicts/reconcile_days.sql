-- Numbers the working days of a policy that has not judged before.
SELECT business_days_fill()
