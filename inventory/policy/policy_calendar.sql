-- Numbers the working days of the policy in force, from 2000 to 2060.
SELECT business_days_fill()
