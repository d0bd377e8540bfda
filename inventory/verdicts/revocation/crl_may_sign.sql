-- May the key of authority $1 sign lists (RFC 5280, 4.2.1.3)? One of its certificates must say so, or have no key usage.
SELECT bool_or(may_sign_lists) FROM authority_certificate WHERE authority = $1::bigint
