-- Deletes the rows of spans that are closed for good: spans_insert.sql puts them into another partition.
-- (A row's place is where history_batch.sql has found it: their pages are read one after the other, and no others. The other columns guard against
-- another row there by now; they are compared so that the planner does not join by them. Who runs this compares the count.)
WITH dropped AS MATERIALIZED (
    SELECT e.place, e.endpoint, e.variant, e.chain, e.first_at FROM in_dropped d JOIN in_evidence e ON e.source = d.source
)
DELETE FROM answer_now a
USING dropped o
WHERE a.ctid = ANY (ARRAY(SELECT place FROM dropped)) AND a.ctid = o.place AND (a.endpoint, a.variant, a.chain,
    a.from_at) IS NOT DISTINCT FROM (o.endpoint, o.variant, o.chain, o.first_at)
