-- $1 a day of the month
SELECT observation_month_make($1)
