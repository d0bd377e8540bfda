-- The policy in use. Columns: name, version, since, text
SELECT p.name, left(encode(p.sha256, 'hex'), 12) AS version,
       (SELECT max(used_from) FROM policy_use u WHERE u.policy = p.id)::timestamptz(0) AS since, p.text
FROM policy_current p
