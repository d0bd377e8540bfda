#include "reports/server_test/server_test_features.h"

static const struct server_test_feature features[] = {
    {"secure_renegotiation", "secure renegotiation", "Secure renegotiation (RFC 5746)", true, false},
    {"extended_master_secret", "extended master secret", "Extended master secret (RFC 7627)", true, false},
    {"fallback_scsv", "downgrade signal (SCSV)", "Downgrade protection (RFC 7507)", true, false},
    {"encrypt_then_mac", "encrypt-then-MAC", "Encrypt-then-MAC (RFC 7366)", true, false},
    {"hybrid_groups", "post-quantum groups", "Post-quantum key exchange", true, false},
    {"client_certificate", "client certificate asked", "Client certificate asked", true, false},
    {"compression", "TLS compression", "TLS compression", true, true},
    {"session_ticket", "session tickets", "Session tickets", true, false},
    {"heartbeat", "heartbeat extension", "Heartbeat extension", true, false},
    {"ecdh_reuse", "ECDH key reused", "Reuse of ECDH values", true, true},
    {"dh_reuse", "DH key reused", "Reuse of DH values", true, true},
    {"dh_bits", "DH bits", "Diffie-Hellman bits", true, false},
    {"dh_prime", "DH prime", "Diffie-Hellman prime", true, false},
    {"export_rsa_bits", "EXPORT RSA key bits", "Temporary RSA key of EXPORT suites, bits", true, true},
    {"export_rsa_reuse", "EXPORT RSA key reused", "Reuse of the EXPORT RSA key", false, true},
    {"export_dh_bits", "EXPORT DH bits", "Diffie-Hellman of EXPORT suites, bits", true, true},
    {"certificate_compression", "certificate compression", "Certificate compression (RFC 8879)", false, false},
    {"next_protocol", "NPN", NULL, false, false},
    {"group_preference", "order of groups", NULL, false, false},
    {"group_preference_12", "order of groups up to TLS 1.2", NULL, false, false},
    {"sni_none", "without a name", "Without a name", true, false},
    {"sni_wrong", "under a wrong name", "Under a wrong name", true, false},
    {"sslv2_format", "hello in SSLv2's form", "Hello in SSLv2's form", false, false},
    {"tolerates_version", "tolerates new versions", "Tolerates new versions", true, false},
    {"tolerates_extension", "tolerates new extensions", "Tolerates new extensions", true, false},
    {"tolerates_length", "tolerates long hellos", "Tolerates long hellos", true, false},
    {"tolerates_grease", "tolerates GREASE", "Tolerates GREASE", true, false},
    {"clock", "clock (s)", NULL, false, false},
};

const struct server_test_feature *server_test_features(size_t *count)
{
    *count = sizeof features / sizeof features[0];
    return features;
}
