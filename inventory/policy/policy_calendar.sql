-- Numbers the working days, from 2000 to 2060, where nothing was judged yet; else the next run does (policy_judged).
SELECT business_days_fill()
