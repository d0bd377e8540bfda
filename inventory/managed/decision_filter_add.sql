-- Keeps a filter. $1 its text, $2 kind of the decision, $3 reason, $4 who, $5 until, a day or a moment, or NULL, $6 standing; then the
-- conditions, NULL where there is none: $7 hash, $8 name, $9 issuer, $10 owner (patterns with * and ?), $11 kind of issuer, $12 record, $13
-- time, $14 rule, $15 site, $16 network, $17 port and $18 server name there, $19 host and $20 path of a file; $21 the only rule that a mute
-- is about, or NULL. Column: its id.
INSERT INTO decision_filter (text, kind, reason, who, until, is_standing, sha256_like, name_like, issuer_like, owner_like, issuer_kind,
                             record, time, rule, site, network, port, server_name, host, path, muted_rule)
VALUES ($1, $2, $3, $4, decision_until($5), $6::boolean, lower(glob_like($7)), glob_like($8), glob_like($9), glob_like($10), lower($11), lower($12),
        lower($13), upper($14), $15, $16::inet::cidr, $17::integer, lower($18), $19, $20, upper($21))
RETURNING id
