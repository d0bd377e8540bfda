-- The row of a certificate ($1) whose facts of version $2 the database refused: nothing is known but that, so that it is
-- listed, found by its hash, and not tried again.
INSERT INTO certificate_facts (certificate, facts_version, broken, signature_algorithms_agree, has_subject_alt_names,
    dns_names, ip_names, name_set, names_omitted, is_ca, crl_urls, ocsp_urls, ca_issuer_urls, extensions, critical_extensions,
    sct_count, must_staple, is_precertificate, is_self_issued, is_self_signed)
VALUES ($1, $2, '{structure}', false, false, '{}', '{}', '{}', 0, false, '{}', '{}', '{}', '{}', '{}', 0, false, false,
    false, false)
