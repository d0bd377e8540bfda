-- Of what the conditions of filter $1 mean, what cannot be adopted: how many of an own CA, how many self-signed, the name of one, the
-- beginning of its hash.
SELECT count(*) FILTER (WHERE n.issuer = 'own'), count(*) FILTER (WHERE n.issuer = 'self-signed'), min(n.name), left(min(encode(n.sha256, 'hex')), 12)
FROM decision_filter f
JOIN certificate_now n ON filter_means(f, n)
WHERE f.id = $1::bigint AND f.kind = 'adopt' AND NOT is_adoptable(n.issuer)
