-- Which rules could not be applied because the data they need was not collected? rule; why.
SELECT rule, reason FROM rule_asked WHERE asked = 0 AND subjects > 0
