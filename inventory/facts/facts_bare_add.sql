-- Stores a row without facts for a certificate ($1) whose facts of version $2 the database refused, so that reports list it,
-- a search by hash finds it, and it is not tried again.
INSERT INTO certificate_own (certificate, facts_version, broken, has_subject_alt_names, dns_names, ip_names, name_set, names_omitted,
    sct_count, sct_logs, sct_times_ms, is_self_issued, is_self_signed)
VALUES ($1, $2, '{structure}', false, '{}', '{}', '{}', 0, 0, '{}', '{}', false, false)
