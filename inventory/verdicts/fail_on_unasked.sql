-- Which rules were asked of nothing, though there is something to ask? rule; why.
SELECT rule, reason FROM rule_asked WHERE asked = 0 AND subjects > 0
