-- Stores profiles that are new, and returns the id of each row of facts_new_profile. Columns: id, SHA-256 as hexadecimal.
WITH added AS (
    INSERT INTO profile (sha256, version, issuer, issuer_folded, issuer_attributes, authority_key_id, key_algorithm, key_bits,
        key_curve, key_explicit_curve, rsa_exponent, security_bits, quantum_level, signature_algorithm, signature_hash,
        signature_parameters, signature_algorithms_agree, signed_algorithm, is_ca, path_len, kinds, key_usage, extended_key_usage,
        policies, policy_qualifiers, validation, crl_urls, crl_reasons, freshest_crl_urls, ocsp_urls, ca_issuer_urls, access_methods,
        name_constraints, qc_statements, issuer_alt_names, extensions, critical_extensions, duplicate_extensions, must_staple,
        is_precertificate)
    SELECT sha256, version, issuer, issuer_folded, issuer_attributes, authority_key_id, key_algorithm, key_bits,
        key_curve, key_explicit_curve, rsa_exponent::numeric, security_bits, quantum_level, signature_algorithm, signature_hash,
        signature_parameters, signature_algorithms_agree, signed_algorithm, is_ca, path_len, kinds, key_usage, extended_key_usage,
        policies, policy_qualifiers, validation, crl_urls, crl_reasons, freshest_crl_urls, ocsp_urls, ca_issuer_urls, access_methods,
        name_constraints, qc_statements, issuer_alt_names, extensions, critical_extensions, duplicate_extensions, must_staple,
        is_precertificate
    FROM facts_new_profile
    ON CONFLICT (sha256) DO NOTHING
    RETURNING id, sha256)
SELECT id, encode(sha256, 'hex') FROM added
UNION ALL
SELECT p.id, encode(p.sha256, 'hex') FROM facts_new_profile n JOIN profile p USING (sha256)
