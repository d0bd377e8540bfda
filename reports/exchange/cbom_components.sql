-- The components of the bill, one JSON object a row. $1 site or NULL. At most 100 places of a certificate.
WITH served AS MATERIALIZED (
    SELECT j.certificate, (array_agg(place_text(e.address, e.port, e.server_name) || ' at ' || site.name
                                     ORDER BY site.name, e.address, e.port, e.server_name))[:100] AS places
    FROM endpoint_judged j JOIN endpoint e ON e.id = j.endpoint JOIN site ON site.id = e.site
    WHERE $1::text IS NULL OR site.name = $1
    GROUP BY j.certificate
), leaf AS MATERIALIZED (
    SELECT encode(n.sha256, 'hex') AS sha256, n.name, f.subject, f.issuer, f.not_before, f.not_after, f.serial_number, s.places,
           encode(f.spki_sha256, 'hex') AS spki, f.key_algorithm, f.key_bits, f.key_curve, f.security_bits, f.quantum_level,
           f.signature_algorithm, f.signature_hash
    FROM served s JOIN certificate_now n USING (certificate) JOIN certificate_facts f USING (certificate)
), key_kind AS (
    SELECT DISTINCT key_algorithm, key_bits, key_curve, security_bits, quantum_level FROM leaf WHERE key_algorithm IS NOT NULL
), component (rank, ref, body) AS (
    SELECT 1, 'certificate/' || sha256, jsonb_build_object(
        'type', 'cryptographic-asset', 'bom-ref', 'certificate/' || sha256, 'name', coalesce(nullif(name, ''), sha256),
        'hashes', jsonb_build_array(jsonb_build_object('alg', 'SHA-256', 'content', sha256)),
        'cryptoProperties', jsonb_build_object('assetType', 'certificate', 'certificateProperties', jsonb_build_object(
            'subjectName', subject, 'issuerName', issuer, 'certificateFormat', 'X.509',
            'notValidBefore', to_char(not_before AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'notValidAfter', to_char(not_after AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'signatureAlgorithmRef', 'algorithm/' || signature_algorithm, 'subjectPublicKeyRef', 'key/' || spki)),
        'evidence', jsonb_build_object('occurrences', (SELECT jsonb_agg(jsonb_build_object('location', p)) FROM unnest(places) p)))
    FROM leaf
    UNION ALL
    SELECT DISTINCT ON (spki) 2, 'key/' || spki, jsonb_build_object(
        'type', 'cryptographic-asset', 'bom-ref', 'key/' || spki, 'name', 'public key ' || left(spki, 16),
        'cryptoProperties', jsonb_build_object('assetType', 'related-crypto-material', 'relatedCryptoMaterialProperties', jsonb_build_object(
            'type', 'public-key', 'id', spki, 'size', key_bits,
            'algorithmRef', 'algorithm/' || key_algorithm || coalesce('-' || key_curve, '-' || key_bits, ''))))
    FROM leaf WHERE spki IS NOT NULL AND key_algorithm IS NOT NULL
    UNION ALL
    SELECT 3, 'algorithm/' || key_algorithm || coalesce('-' || key_curve, '-' || key_bits, ''), jsonb_build_object(
        'type', 'cryptographic-asset', 'bom-ref', 'algorithm/' || key_algorithm || coalesce('-' || key_curve, '-' || key_bits, ''),
        'name', upper(key_algorithm) || coalesce(' ' || key_curve, ' ' || key_bits, ''),
        'cryptoProperties', jsonb_build_object('assetType', 'algorithm', 'algorithmProperties', jsonb_build_object(
            'primitive', CASE WHEN key_algorithm LIKE 'rsa%' THEN 'pke' ELSE 'signature' END, 'parameterSetIdentifier', key_bits::text,
            CASE WHEN key_curve IS NULL THEN 'mode' ELSE 'curve' END, CASE WHEN key_curve IS NULL THEN NULL ELSE key_curve END,
            'classicalSecurityLevel', security_bits, 'nistQuantumSecurityLevel', quantum_level)))
    FROM key_kind
    UNION ALL
    SELECT DISTINCT ON (signature_algorithm) 4, 'algorithm/' || signature_algorithm, jsonb_build_object(
        'type', 'cryptographic-asset', 'bom-ref', 'algorithm/' || signature_algorithm, 'name', signature_algorithm,
        'cryptoProperties', jsonb_build_object('assetType', 'algorithm', 'algorithmProperties', jsonb_build_object(
            'primitive', 'signature', 'parameterSetIdentifier', signature_hash, 'cryptoFunctions', jsonb_build_array('sign', 'verify'))))
    FROM leaf WHERE signature_algorithm IS NOT NULL
    UNION ALL
    SELECT 5, 'protocol/' || version, jsonb_build_object(
        'type', 'cryptographic-asset', 'bom-ref', 'protocol/' || version, 'name', version,
        'cryptoProperties', jsonb_build_object('assetType', 'protocol', 'protocolProperties', jsonb_build_object(
            'type', CASE WHEN version LIKE 'DTLS%' THEN 'other' ELSE 'tls' END, 'version', regexp_replace(version, '^D?(TLS|SSL)v', ''),
            'cipherSuites', (SELECT jsonb_agg(jsonb_build_object('name', c.name, 'identifiers', jsonb_build_array(
                                 '0x' || lpad(to_hex(c.id >> 8), 2, '0'), '0x' || lpad(to_hex(c.id & 255), 2, '0'))) ORDER BY c.id)
                             FROM cipher_suite c WHERE c.id = ANY (suites)))),
        'evidence', jsonb_build_object('occurrences', (SELECT jsonb_agg(jsonb_build_object('location', p)) FROM unnest(places) p)))
    FROM (SELECT tls_version_name(x.tls_version) AS version, array_agg(DISTINCT x.cipher_suite) AS suites,
                 (array_agg(place_text(e.address, e.port, e.server_name) || ' at ' || site.name
                            ORDER BY site.name, e.address, e.port, e.server_name))[:100] AS places
          FROM endpoint_now x JOIN endpoint e ON e.id = x.endpoint JOIN site ON site.id = e.site
          WHERE x.tls_version IS NOT NULL AND tls_version_name(x.tls_version) IS NOT NULL AND ($1::text IS NULL OR site.name = $1)
          GROUP BY 1) v
)
SELECT jsonb_strip_nulls(body)::text FROM component ORDER BY rank, ref COLLATE "C"
