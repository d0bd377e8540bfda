-- Which endpoints of the batch are not known yet? Column: a handle in the bundle
SELECT min(handle) FROM in_class WHERE endpoint IS NULL GROUP BY key ORDER BY 1
