-- title: A critical extension that clients do not know
-- version: 1
-- severity: high
-- applies to: any
-- source: RFC 5280, 4.2: a certificate with one must be rejected
-- next step: Ask the CA for a certificate without it, or with it not critical; until then only its own clients accept this one.
-- Known are the extensions of RFC 5280, 3779, 6962, 6960 and 7633, and Netscape's type, which OpenSSL, GnuTLS, NSS or Windows process.
INSERT INTO hit (rule, certificate, severity, evidence)
SELECT 'C27', s.certificate, 'high', jsonb_build_object('extensions', to_jsonb(u.oids))
FROM (SELECT p.id, array_agg(x ORDER BY x) AS oids
      FROM profile p, unnest(p.critical_extensions) x
      WHERE NOT p.is_precertificate AND x NOT IN (
          '2.5.29.9', '2.5.29.14', '2.5.29.15', '2.5.29.16', '2.5.29.17', '2.5.29.18', '2.5.29.19', '2.5.29.30', '2.5.29.31', '2.5.29.32', '2.5.29.33',
          '2.5.29.35', '2.5.29.36', '2.5.29.37', '2.5.29.46', '2.5.29.54', '1.3.6.1.5.5.7.1.1', '1.3.6.1.5.5.7.1.3', '1.3.6.1.5.5.7.1.7',
          '1.3.6.1.5.5.7.1.8', '1.3.6.1.5.5.7.1.11', '1.3.6.1.5.5.7.1.14', '1.3.6.1.5.5.7.1.24', '1.3.6.1.5.5.7.1.28', '1.3.6.1.5.5.7.1.29',
          '1.3.6.1.5.5.7.48.1.5', '1.3.6.1.4.1.11129.2.4.2', '1.3.6.1.4.1.11129.2.4.3', '2.16.840.1.113730.1.1')
      GROUP BY p.id) u
JOIN subject s ON s.profile = u.id
