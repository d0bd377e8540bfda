-- How many records have ended of which no certificate is known, so that no row above is theirs. Column: a sentence.
SELECT counted_grouped(n.count, 'record') || ' of what nobody has seen ' || CASE WHEN n.count = 1 THEN 'has' ELSE 'have' END
       || ' ended: certsweep report recorded --status expired'
FROM now_count n WHERE n.site = 0 AND n.subject = 'records' AND n.value = 'ended and not seen'
