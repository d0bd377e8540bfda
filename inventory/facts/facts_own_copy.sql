-- Facts of one certificate alone; columns in the order of facts_own_row().
COPY certificate_own (certificate, facts_version, profile, sha1, broken, serial_number, serial_bytes, subject, subject_folded,
    subject_attributes, common_names, not_before, not_after, spki_sha256, has_subject_alt_names, dns_names, ip_names, name_set,
    names_omitted, subject_key_id, sct_count, sct_logs, sct_times_ms, is_self_issued, is_self_signed,
    name_faults) FROM STDIN (FORMAT binary)
