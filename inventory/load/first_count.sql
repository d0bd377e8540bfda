-- Columns: how many these are, answers of endpoints that are not known yet
SELECT (SELECT count(*) FROM in_first), (SELECT count(*) FROM in_class WHERE endpoint IS NULL)
