-- Which of these verdicts are true now for the results of a scan: for the certificates that it received, for the endpoints
-- that it asked, for records whose place did not answer it?
-- $1 the scan's id (UUID); $2 words: values of any axis, ids of rules, 'weak'. word; count.
WITH asked AS (
    SELECT id, first_at, last_at FROM scan WHERE scan_id = $1::uuid
    UNION       -- a capture whose sightings were loaded before, from another bundle of the same capture
    SELECT other.id, other.first_at, other.last_at
      FROM scan s JOIN bundle b ON b.scan = s.id JOIN bundle o ON o.told_sha256 = b.told_sha256 JOIN scan other ON other.id = o.scan
     WHERE s.scan_id = $1::uuid AND other.site = s.site
), seen AS MATERIALIZED (
    SELECT DISTINCT o.endpoint, o.chain
      FROM asked JOIN observation o ON o.scan = asked.id AND o.time BETWEEN asked.first_at AND asked.last_at
    UNION
    -- A repeated answer is one bit (confirmation): its content is that of the span open at that time.
    SELECT a.endpoint, a.chain
      FROM asked JOIN confirmation f ON f.scan = asked.id
      JOIN answer_span a ON a.endpoint >> 12 = f.block AND a.variant = f.variant AND a.from_at <= f.last_at
                        AND (a.closed_at IS NULL OR a.closed_at >= f.first_at)
     WHERE a.role = 1 AND a.peer IS NULL AND get_bit(f.bits, (a.endpoint & 4095)::integer) = 1
    UNION
    SELECT g.endpoint, g.chain FROM asked JOIN sighting g ON g.scan = asked.id
), shown AS MATERIALIZED (
    SELECT c.certificate, bool_or(c.position = 0) AS is_leaf
      FROM (SELECT DISTINCT chain FROM seen WHERE chain IS NOT NULL) s JOIN chain_certificate c USING (chain)
     GROUP BY c.certificate
), standing AS (
    SELECT v.*, CASE WHEN v.axis = 'policy' THEN v.rule ELSE v.value END AS said,
           v.axis = 'policy' AND is_weak_rule(v.rule) AND v.severity <> 'info' AS is_weak    -- as in the report of that name
      FROM verdict v WHERE v.until IS NULL
)
SELECT w.word, count(*) AS count
  FROM unnest($2::text[]) AS w (word)
  JOIN standing v ON lower(v.said) = lower(w.word) OR (v.is_weak AND lower(w.word) = 'weak')
 WHERE CASE
       WHEN v.record IS NOT NULL AND v.endpoint IS NULL THEN EXISTS (
           SELECT FROM managed_location l
             JOIN quiet q ON q.scan = ANY (ARRAY(SELECT id FROM asked)) AND (l.port IS NULL OR q.port = l.port)
              AND q.prefix = network(set_masklen(l.address, CASE family(l.address) WHEN 4 THEN 24 ELSE 120 END))
            WHERE l.record = v.record AND l.address IS NOT NULL
              AND get_bit(q.addresses, (host(l.address)::inet - host(network(q.prefix))::inet)::integer) = 1)
       WHEN v.record IS NOT NULL THEN v.endpoint IN (SELECT endpoint FROM seen)
       ELSE (v.certificate IS NOT NULL OR v.endpoint IS NOT NULL)
            AND (v.endpoint IS NULL OR v.endpoint IN (SELECT endpoint FROM seen))
            AND (v.certificate IS NULL
                 OR v.certificate IN (SELECT certificate FROM shown WHERE is_leaf OR v.axis = 'policy'))
       END
 GROUP BY w.word
 ORDER BY w.word
