-- title: Served on more hosts or names than it was bought for
-- version: 1
-- severity: low
-- applies to: any
-- needs: managed
-- source: OTech, SSL certificate guideline: a price per URL and per server
-- next step: Buy for the others too, or take the certificate off them.
-- The record's column of servers is a number of hosts, or a list of names (URLs) or of addresses; only what it lists is compared.
WITH bought AS MATERIALIZED (
    SELECT b.certificate, m.file || ':' || m.line AS record, btrim(m.servers) AS servers,
           ARRAY(SELECT lower(regexp_replace(regexp_replace(w, '^[A-Za-z]+://', ''), '(:[0-9]+)?(/.*)?$', ''))
                 FROM regexp_split_to_table(btrim(m.servers), '[\s,;|]+') w WHERE w <> '') AS items
    FROM record_best b JOIN managed_record m ON m.id = b.record
    WHERE b.is_matched AND btrim(coalesce(m.servers, '')) <> ''
), shown AS MATERIALIZED (
    SELECT b.certificate, count(DISTINCT (e.site, e.address)) AS hosts,
           array_agg(DISTINCT host(e.address)) FILTER (WHERE NOT host(e.address) = ANY (b.items)) AS other_addresses,
           array_agg(DISTINCT e.server_name) FILTER (WHERE e.server_name <> '' AND NOT lower(e.server_name) = ANY (b.items)) AS other_names
    FROM bought b JOIN endpoint_judged j USING (certificate) JOIN endpoint e ON e.id = j.endpoint
    GROUP BY b.certificate
)
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'R11', b.certificate, 'low',
       jsonb_build_object('record', b.record, 'bought_for', left(b.servers, 200),
           'hosts', CASE WHEN k.is_number THEN s.hosts END,
           'others', CASE WHEN NOT k.is_number THEN to_jsonb((CASE WHEN k.is_list_of_addresses THEN s.other_addresses ELSE s.other_names END)[:10]) END)
FROM bought b JOIN shown s USING (certificate)
CROSS JOIN LATERAL (
    SELECT b.servers ~ '^[0-9]{1,6}$' AS is_number,
           NOT EXISTS (SELECT FROM unnest(b.items) i WHERE i !~ '^([0-9]{1,3}[.]){3}[0-9]{1,3}$') AS is_list_of_addresses) k
WHERE CASE WHEN k.is_number THEN s.hosts > b.servers::integer
           WHEN k.is_list_of_addresses THEN cardinality(s.other_addresses) > 0 ELSE cardinality(s.other_names) > 0 END
