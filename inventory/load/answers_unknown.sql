-- Which endpoints of the batch are not known yet? Column: a handle in the bundle
SELECT min(handle) FROM in_class WHERE endpoint IS NULL AND row NOT IN (SELECT row FROM in_first) GROUP BY key ORDER BY 1
