-- The licences of the policy in force: how many there are (0: none told), how many adopted certificates use (a renewal uses that of the one
-- before it), how many foreign certificates are served that nobody manages.
SELECT coalesce((SELECT nullif(document ->> 'licences', '')::bigint FROM policy_current), 0) AS licences,
       (SELECT count(DISTINCT sha256) FROM decision_open WHERE kind = 'adopt' AND inherited_from IS NULL) AS used,
       (SELECT count(*) FROM certificate_now WHERE issuer = 'foreign' AND record = 'unmanaged' AND place_count > 0) AS foreign_found
