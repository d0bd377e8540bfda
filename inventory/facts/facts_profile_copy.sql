-- Profiles that may be new; columns in the order of profile_row().
COPY facts_new_profile (sha256, version, issuer, issuer_folded, issuer_attributes, authority_key_id, key_algorithm, key_bits,
    key_curve, key_explicit_curve, rsa_exponent, security_bits, quantum_level, signature_algorithm, signature_hash,
    signature_parameters, signature_algorithms_agree, signed_algorithm, is_ca, path_len, kinds, key_usage, extended_key_usage,
    policies, policy_qualifiers, validation, crl_urls, crl_reasons, freshest_crl_urls, ocsp_urls, ca_issuer_urls, access_methods,
    name_constraints, qc_statements, issuer_alt_names, extensions, critical_extensions, duplicate_extensions, must_staple,
    is_precertificate) FROM STDIN (FORMAT binary)
