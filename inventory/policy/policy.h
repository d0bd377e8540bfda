/* What the organisation wants of its certificates, as one ini file. Sections:
 *
 *     [policy]                 name = ...        and the settings and lists of policy_settings[]
 *     [own ca: NAME]           issuer = O=Sectigo Limited      all of them must be in the issuer's name
 *                              subject = O=State of California   and all of these in the subject's
 *                              from = 2024-01-01, until = 2027-01-01      dates of issue
 *     [approved ca: NAME]      the same, for foreign CAs that are allowed
 *     [trust store: NAME]      kind = public | private, file = FILE.pem
 *                              platform = Java, from_version = 17      whose roots they are, and from which version on
 *                              issued_until, sct_until = 2024-11-11    certificates issued later are not trusted there
 *     [clause: ID]             what a document asks for: title, source, rules = K02 P03 (which prove it), note
 *
 * A setting that the file does not have keeps its built-in value. Unknown sections and keys are errors. */
#pragma once
#include "inventory/store/db.h"

#include <stddef.h>

struct policy_setting_spec {
    const char *name, *value;       /* the built-in value; lists are separated by blanks */
    const char *help;
    bool is_list;
    enum { POLICY_NUMBER, POLICY_YES_NO, POLICY_TEXT, POLICY_TIME, POLICY_DATE } kind;
};
extern const struct policy_setting_spec policy_settings[];      /* a NULL name ends it */

struct policy;

/* Parses the text; file names it in errors (file:line). Trust store files are read here, relative to where the
 * policy file lies. */
struct policy *policy_parse(const char *file, const char *text, struct error *err);
struct policy *policy_load(const char *path, struct error *err);
struct policy *policy_builtin(void);
void policy_destroy(struct policy *policy);     /* NULL is fine */
const char *policy_name(const struct policy *policy);
const char *policy_title(const struct policy *policy);           /* "" none */
const char *policy_source(const struct policy *policy);          /* the document it is based on; "" none */
const char *policy_text(const struct policy *policy);            /* policy_parse() makes the same policy of it */

/* Stores it (once per text) and makes it the one in use. */
bool policy_use(struct db *db, const struct policy *policy, struct error *err);

/* Makes the built-in policy the one in use where none is. */
bool policy_ensure(struct db *db, struct error *err);
