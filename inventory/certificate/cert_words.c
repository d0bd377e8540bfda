/* Names of the fields, of the kinds of names and of the kinds of validation, for the database and reports. */
#include "inventory/certificate/cert.h"
#include "inventory/certificate/cert_text.h"

const char *cert_field_name(enum cert_field field)
{
    static const char *const names[CERT_FIELD_COUNT] = {
        [CERT_STRUCTURE] = "structure", [CERT_VERSION] = "version", [CERT_SERIAL_NUMBER] = "serial_number",
        [CERT_SIGNATURE_ALGORITHM] = "signature_algorithm", [CERT_ISSUER] = "issuer",
        [CERT_NOT_BEFORE] = "not_before", [CERT_NOT_AFTER] = "not_after", [CERT_SUBJECT] = "subject",
        [CERT_PUBLIC_KEY] = "public_key", [CERT_EXTENSIONS] = "extensions",
        [CERT_SUBJECT_ALT_NAMES] = "subject_alt_names", [CERT_BASIC_CONSTRAINTS] = "basic_constraints",
        [CERT_KEY_USAGE] = "key_usage", [CERT_EXTENDED_KEY_USAGE] = "extended_key_usage",
        [CERT_AUTHORITY_KEY_ID] = "authority_key_identifier", [CERT_SUBJECT_KEY_ID] = "subject_key_identifier",
        [CERT_POLICIES] = "certificate_policies", [CERT_CRL_DISTRIBUTION_POINTS] = "crl_distribution_points",
        [CERT_AUTHORITY_INFO_ACCESS] = "authority_info_access", [CERT_SCT_LIST] = "sct_list",
        [CERT_TLS_FEATURE] = "tls_feature", [CERT_NAME_CONSTRAINTS] = "name_constraints",
        [CERT_PRECERT_POISON] = "precertificate_poison", [CERT_ISSUER_ALT_NAMES] = "issuer_alt_names",
        [CERT_SUBJECT_INFO_ACCESS] = "subject_info_access", [CERT_FRESHEST_CRL] = "freshest_crl",
        [CERT_QC_STATEMENTS] = "qc_statements", [CERT_SIGNATURE] = "signature",
        [CERT_VALIDITY_FORM] = "validity_form", [CERT_LIMITS] = "limits",
    };
    return names[field];
}

const char *cert_name_kind_name(enum cert_name_kind kind)
{
    static const char *const names[] = {
        [CERT_NAME_DNS] = "dns", [CERT_NAME_IP] = "ip", [CERT_NAME_EMAIL] = "email", [CERT_NAME_URI] = "uri",
        [CERT_NAME_DIRECTORY] = "directory", [CERT_NAME_OTHER] = "other", [CERT_NAME_COMMON] = "common_name",
        [CERT_NAME_UPN] = "upn", [CERT_NAME_SRV] = "srv", [CERT_NAME_REGISTERED_ID] = "registered_id",
    };
    return names[kind];
}

/* CA/Browser Forum policies: TLS (BR 7.1.6.1, EV 9.3), S/MIME and code signing policies have the same form. */
const char *cert_validation(const struct cert *cert)
{
    static const struct { const char *policy, *validation; } policies[] = {
        {"2.23.140.1.1", "ev"}, {"2.23.140.1.3", "ev"}, {"2.23.140.1.2.3", "iv"}, {"2.23.140.1.2.2", "ov"}, {"2.23.140.1.2.1", "dv"},
    };
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++)
        if (cert_texts_hold(&cert->policies, policies[i].policy))
            return policies[i].validation;
    return NULL;
}
