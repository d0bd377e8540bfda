#include "inventory/verdicts/rules/rules.h"

#include "inventory_verdicts_rule.h"
#include "inventory_verdicts_sql.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct rule rules_all[] = {
    {"C01", RULE_C01_SIGNATURE_MD5, false},
    {"C02", RULE_C02_SIGNATURE_WEAK_HASH, false},
    {"C03", RULE_C03_VALIDITY_TOO_LONG_PUBLIC, false},
    {"C04", RULE_C04_VALIDITY_TOO_LONG_PRIVATE, false},
    {"C05", RULE_C05_EXPIRED, false},
    {"C06", RULE_C06_EXPIRES_SOON, false},
    {"C07", RULE_C07_EXPIRES_SOON_SHARE, false},
    {"C08", RULE_C08_NOT_YET_VALID, false},
    {"C09", RULE_C09_NO_SUBJECT_ALT_NAME, false},
    {"C10", RULE_C10_COMMON_NAME_NOT_IN_SAN, false},
    {"C11", RULE_C11_NAME_UNFIT, false},
    {"C12", RULE_C12_WILDCARD, true},
    {"C13", RULE_C13_TOO_MANY_NAMES, true},
    {"C14", RULE_C14_SELF_SIGNED, false},
    {"C15", RULE_C15_CA_AS_SERVER, false},
    {"C16", RULE_C16_SERIAL_NUMBER, false},
    {"C17", RULE_C17_EXTENDED_KEY_USAGE, false},
    {"C18", RULE_C18_NO_REVOCATION_POINTER, false},
    {"C19", RULE_C19_TOO_FEW_SCTS, false},
    {"C20", RULE_C20_VENDOR_DEFAULT, false},
    {"C21", RULE_C21_ISSUER_DISTRUSTED, false},
    {"C22", RULE_C22_TWO_ISSUERS, true},
    {"C23", RULE_C23_NOT_VERSION_3, false},
    {"C24", RULE_C24_DUPLICATE_EXTENSION, false},
    {"C25", RULE_C25_UNREADABLE_FIELD, false},
    {"C26", RULE_C26_ALGORITHMS_DIFFER, false},
    {"C27", RULE_C27_UNKNOWN_CRITICAL_EXTENSION, false},
    {"F01", RULE_F01_HARD_CODED, false},
    {"F02", RULE_F02_TRUST_STORE, false},
    {"F03", RULE_F03_RENEWED_NOT_LOADED, false},
    {"H01", RULE_H01_NO_TRUSTED_PATH, true},
    {"H02", RULE_H02_CHAIN_INCOMPLETE, false},
    {"H03", RULE_H03_CHAIN_EXPIRED, false},
    {"H04", RULE_H04_CA_ENDS_FIRST, false},
    {"H05", RULE_H05_CHAIN_UNTIDY, false},
    {"H06", RULE_H06_WEAK_INTERMEDIATE, false},
    {"H07", RULE_H07_PATH_BOUNDS, false},
    {"H08", RULE_H08_REVOKED, false},
    {"H09", RULE_H09_NAME_MISMATCH, false},
    {"H10", RULE_H10_REVOCATION_UNCHECKED, false},
    {"K01", RULE_K01_RSA_BELOW_1024, false},
    {"K02", RULE_K02_RSA_BELOW_MINIMUM, false},
    {"K03", RULE_K03_RSA_BEYOND_2030, false},
    {"K04", RULE_K04_RSA_SIZE_UNUSUAL, false},
    {"K05", RULE_K05_RSA_EXPONENT_BROKEN, false},
    {"K06", RULE_K06_RSA_EXPONENT_RANGE, false},
    {"K08", RULE_K08_ROCA, false},
    {"K09", RULE_K09_CLOSE_PRIMES, false},
    {"K10", RULE_K10_SMALL_FACTOR, false},
    {"K11", RULE_K11_SHARED_PRIME, false},
    {"K12", RULE_K12_KNOWN_KEY, false},
    {"K13", RULE_K13_KEY_PATTERN, false},
    {"K14", RULE_K14_EC_CURVE, false},
    {"K15", RULE_K15_EC_POINT, false},
    {"K16", RULE_K16_DSA_KEY, false},
    {"K17", RULE_K17_EDWARDS_PUBLIC, false},
    {"K18", RULE_K18_KEY_SHARED, true},
    {"K19", RULE_K19_KEY_KEPT, false},
    {"K20", RULE_K20_QUANTUM, false},
    {"K21", RULE_K21_KEY_READABLE, false},
    {"K22", RULE_K22_KEY_IN_REPOSITORY, false},
    {"P01", RULE_P01_SSLV2, false},
    {"P02", RULE_P02_SSLV3, false},
    {"P03", RULE_P03_TLS_BELOW_12, false},
    {"P04", RULE_P04_NO_CURRENT_VERSION, false},
    {"P05", RULE_P05_NO_TLS13, false},
    {"P06", RULE_P06_COMPRESSION, false},
    {"P07", RULE_P07_RENEGOTIATION, false},
    {"P08", RULE_P08_EXTENDED_MASTER_SECRET, false},
    {"P09", RULE_P09_STARTTLS_NOT_OFFERED, false},
    {"P11", RULE_P11_MUST_STAPLE, false},
    {"P12", RULE_P12_NO_STAPLE, false},
    {"P14", RULE_P14_NO_HYBRID_GROUP, false},
    {"P15", RULE_P15_DRAFT_GROUP, false},
    {"P16", RULE_P16_CLEARTEXT_AFTER_STARTTLS, false},
    {"R01", RULE_R01_UNMANAGED, true},
    {"R02", RULE_R02_FOREIGN_CA, true},
    {"R03", RULE_R03_SUPERSEDED_SERVED, true},
    {"R04", RULE_R04_ISSUED_NEVER_SERVED, true},
    {"R05", RULE_R05_RECORDED_NOT_HERE, true},
    {"R06", RULE_R06_DIFFERING_BEHIND_ONE_NAME, false},
    {"R07", RULE_R07_CONTACTS, true},
    {"R08", RULE_R08_NAME_SUFFIX, true},
    {"R09", RULE_R09_EXCEPTION_ENDED, true},
    {"R10", RULE_R10_LOGGED_AND_NEVER_SEEN, false},
    {"R11", RULE_R11_MORE_THAN_BOUGHT, true},
    {"R12", RULE_R12_SAME_SERIAL_OTHER_KEY, true},
    {"R13", RULE_R13_MANAGED_KEY_ELSEWHERE, true},
    {"R14", RULE_R14_SCANNER_SHUT_OUT, false},
    {"R15", RULE_R15_REVOKED_IN_ACCOUNT, true},
    {"S01", RULE_S01_NULL_OR_ANONYMOUS, false},
    {"S02", RULE_S02_EXPORT, false},
    {"S03", RULE_S03_RC4, false},
    {"S04", RULE_S04_64_BIT_BLOCKS, false},
    {"S05", RULE_S05_CBC_ONLY, false},
    {"S06", RULE_S06_NO_FORWARD_SECRECY, false},
    {"S07", RULE_S07_STATIC_RSA, false},
    {"S08", RULE_S08_DH_BELOW_2048, false},
    {"S09", RULE_S09_STATIC_DH, false},
    {"S10", RULE_S10_CLIENT_DECIDES, false},
    {"S11", RULE_S11_SUITE_NOT_LISTED, false},
    {NULL, NULL, false},
};

const char *const rules_unjudged[] = {
    "K07 keys of Debian's broken generator of 2008: their list is in no package, and making them again takes days; a published one is K12",
    "P07 whether a server renegotiates insecurely: only whether it lacks RFC 5746 is asked, nothing is renegotiated",
    "P10 HSTS: nothing is asked by HTTP",
    "P13 CAA: no DNS record is asked",
    "H09 the name that an address has in reverse DNS: it is not asked; the name that was asked for is judged",
    NULL,
};

const struct rule *rule_find(const char *id)
{
    for (const struct rule *rule = rules_all; rule->id != NULL; rule++)
        if (strcasecmp(rule->id, id) == 0)
            return rule;
    return NULL;
}

char *rule_head(const struct rule *rule, const char *key)
{
    size_t len = strlen(key);
    for (const char *line = rule->sql; strncmp(line, "-- ", 3) == 0;) {
        size_t line_len = strcspn(line, "\n");
        if (strncmp(line + 3, key, len) == 0 && strncmp(line + 3 + len, ": ", 2) == 0)
            return xstrndup(line + len + 5, line_len - len - 5);
        line += line_len + (line[line_len] == '\n');
    }
    return NULL;
}

/* Is each hit of a place? Those of its statement name an endpoint then: "INSERT INTO hit (rule, endpoint, ...)". */
static bool is_of_places(const struct rule *rule)
{
    const char *columns = strstr(rule->sql, "INSERT INTO hit (");
    const char *endpoint = columns == NULL ? NULL : strstr(columns, "endpoint");
    return endpoint != NULL && endpoint < strchr(columns, ')');
}

static bool rule_store(struct db *db, const struct rule *rule, struct error *err)
{
    static const char *const keys[] = {"version", "title", "severity", "source", "next step", "applies to", "needs"};
    char *values[7];
    const char *params[9] = {rule->id};
    for (size_t i = 0; i < 7; i++)
        params[i + 1] = values[i] = rule_head(rule, keys[i]);
    params[8] = is_of_places(rule) ? "true" : "false";
    bool ok = db_exec_params(db, SQL_RULE_STORE, 9, params, err);
    for (size_t i = 0; i < 7; i++)
        free(values[i]);
    return ok || error_add_context(err, "rule %s", rule->id);
}

void rules_hash(char hex[65])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t hash[32];
    EVP_DigestInit_ex(context, EVP_sha256(), NULL);
    for (const struct rule *rule = rules_all; rule->id != NULL; rule++)
        EVP_DigestUpdate(context, rule->sql, strlen(rule->sql));
    EVP_DigestFinal_ex(context, hash, NULL);
    EVP_MD_CTX_free(context);
    hex_format(hash, sizeof hash, hex);
}

bool rules_store(struct db *db, struct error *err)
{
    bool ok = true;
    for (const struct rule *rule = rules_all; ok && rule->id != NULL; rule++)
        ok = rule_store(db, rule, err);
    return ok;
}
