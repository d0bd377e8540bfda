#include "inventory/policy/policy.h"

#include <stddef.h>

/* The notBefore dates of the validity limits are no settings: they are fixed, in the rule. Sources: RULES.md's section
 * numbers are those of the documents named. */
const struct policy_setting_spec policy_settings[] = {
    {"notice_days", "90 60 30 7", "days before the end at which a certificate gets a notice", true, POLICY_NUMBER},
    {"share_of_life_percent", "33 20 10", "the same as share of its own life that is left", true, POLICY_NUMBER},
    {"lead_time_days", "14", "days that a renewal takes: it must be asked for that long before the end", false,
     POLICY_NUMBER},
    {"act_days", "7 30 90 180", "days in which a critical, a high, a medium and a low finding is to be settled", true, POLICY_NUMBER},
    {"escalate_after_days", "0", "days past the last safe day after which escalation_contacts are told too; 0: never", false, POLICY_NUMBER},
    {"escalation_contacts", "", "addresses of those who are told what stays overdue", true, POLICY_TEXT},
    {"expiring_days", "30", "a certificate with fewer days left is expiring (later for short-lived ones)", false,
     POLICY_NUMBER},
    {"min_rsa_bits", "2048", "smaller RSA keys are weak (CA/Browser Forum BR 6.1.5)", false, POLICY_NUMBER},
    {"min_ec_bits", "256", "smaller EC keys are weak", false, POLICY_NUMBER},
    {"forbidden_signature_hashes", "md2 md4 md5 sha1", "hashes that may not sign (BR 7.1.3.2.1)", true, POLICY_TEXT},
    {"min_tls_version", "TLSv1.2", "older versions are weak (RFC 8996)", false, POLICY_TEXT},
    {"forbid_foreign", "no", "is a certificate from a public CA that is neither own nor approved a fault?", false,
     POLICY_YES_NO},
    {"forbid_self_signed", "yes", "is a self-signed leaf a fault?", false, POLICY_YES_NO},
    {"max_validity_days_private", "825", "for certificates that no public root vouches for", false, POLICY_NUMBER},
    {"allowed_suffixes", "", "names of own certificates end in one of these; empty: any", true, POLICY_TEXT},
    {"prohibited_suffixes", "", "no own or managed name may end in one of these", true, POLICY_TEXT},
    {"max_names", "100", "names in one certificate", false, POLICY_NUMBER},
    {"own_suffixes", "", "names below these are the organisation's: foreign certificates for them are reported", true,
     POLICY_TEXT},
    {NULL, NULL, NULL, false, POLICY_TEXT},
};
