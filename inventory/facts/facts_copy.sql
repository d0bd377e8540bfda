-- Facts of certificates; the order is that of facts_row().
COPY certificate_facts (certificate, facts_version, broken, version, serial_number, subject, issuer, subject_folded,
    issuer_folded, subject_attributes, issuer_attributes, common_name, not_before, not_after, key_algorithm, key_bits,
    key_curve, rsa_exponent, spki_sha256, signature_algorithm, signature_hash, signature_algorithms_agree,
    has_subject_alt_names, dns_names, ip_names, name_set,
    names_omitted, is_ca, path_len, key_usage, extended_key_usage,
    authority_key_id, subject_key_id, policies, crl_urls, ocsp_urls, ca_issuer_urls, extensions, critical_extensions,
    sct_count, must_staple, is_precertificate, is_self_issued, is_self_signed) FROM STDIN
