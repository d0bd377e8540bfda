-- Fills judging: the moment ($1), whether everything is judged ($2), the policy in force ($3: its id), the basis ($4:
-- reconcile_basis). Settings that the policy does not have get their defaults.
INSERT INTO judging
SELECT $1::timestamptz, $2::boolean, p.id, $4, d,
       EXISTS (SELECT FROM managed_import i WHERE i.imported_at <= $1::timestamptz),
       jsonb_array_length(coalesce(d -> 'own_cas', '[]')) > 0,
       (SELECT array_agg(x::integer ORDER BY x::integer DESC)
        FROM jsonb_array_elements_text(coalesce(nullif(d -> 'notice_days', '[]'), '[90,60,30,7]')) x),
       (SELECT array_agg(x::numeric ORDER BY x::numeric DESC)
        FROM jsonb_array_elements_text(coalesce(nullif(d -> 'share_of_life_percent', '[]'), '[33,20,10]')) x),
       (SELECT array_agg(make_interval(days => x::integer) ORDER BY x::integer)
        FROM jsonb_array_elements_text(coalesce(nullif(d -> 'notice_days', '[]'), '[90,60,30,7]')) x),
       (SELECT array_agg((x::numeric / 100.0)::float8 ORDER BY x::numeric)
        FROM jsonb_array_elements_text(coalesce(nullif(d -> 'share_of_life_percent', '[]'), '[33,20,10]')) x),
       coalesce((d ->> 'expiring_days')::integer, 30),
       coalesce((d ->> 'min_rsa_bits')::integer, 2048),
       coalesce((d ->> 'min_ec_bits')::integer, 224),
       (SELECT coalesce(array_agg(lower(x)), '{}')
        FROM jsonb_array_elements_text(coalesce(d -> 'forbidden_signature_hashes', '["md2","md4","md5","sha1"]')) x),
       (SELECT coalesce(array_agg(lower(ltrim(x, '.'))), '{}')
        FROM jsonb_array_elements_text(coalesce(d -> 'allowed_suffixes', '[]')) x),
       (SELECT coalesce(array_agg(lower(ltrim(x, '.'))), '{}')
        FROM jsonb_array_elements_text(coalesce(d -> 'prohibited_suffixes', '[]')) x),
       (SELECT coalesce(array_agg(lower(ltrim(x, '.'))), '{}')
        FROM jsonb_array_elements_text(coalesce(d -> 'own_suffixes', '[]')) x),
       coalesce((d ->> 'max_names')::integer, 100),
       (d ->> 'max_validity_days_private')::integer,
       coalesce((d ->> 'forbid_foreign')::boolean, false),
       coalesce((d ->> 'forbid_self_signed')::boolean, true),
       (SELECT coalesce(array_agg(x), '{}') FROM jsonb_array_elements_text(coalesce(d -> 'prohibited_characters', '[]')) x),
       coalesce((d ->> 'wildcard_needs_approval')::boolean, false),
       coalesce(array_position(ARRAY['TLSv1.0', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'], d ->> 'min_tls_version'), 3) + 768,
       coalesce(d ->> 'require_tls_version' = 'TLSv1.3', false),
       make_interval(days => coalesce((d ->> 'stale_after_days')::integer, 90)),
       (SELECT coalesce(array_agg(glob_like(x)), '{}') FROM jsonb_array_elements_text(coalesce(d -> 'allowed_suites', '[]')) x),
       ($1::timestamptz AT TIME ZONE zone)::date, (coalesce((SELECT as_of FROM report_as_of), $1::timestamptz) AT TIME ZONE zone)::date
FROM policy p CROSS JOIN LATERAL (SELECT p.document AS d, coalesce(nullif(p.document ->> 'zone', ''), 'UTC') AS zone) doc
WHERE p.id = $3::bigint
