/* The form in which a ticket system or chat expects a digest: JSON in which {{subject}}, {{text}}, {{contact}} and
 * {{id}} appear inside strings, and {{json}} as a value. templates/ has examples. */
#pragma once
#include "probes/base/error.h"

struct hook_fields {
    const char *subject, *text, *contact;
    const char *id;             /* the same for the same notices */
    const char *json;           /* the digest whole (digest_json()) */
};

/* Each field is escaped for a JSON string, but for {{json}}, which goes in as it is. Yours. */
char *hook_template_fill(const char *template, const struct hook_fields *fields);

/* True if the filled template is JSON; otherwise it is refused before anything is sent. */
bool hook_template_check(const char *template, const char *name, struct error *err);
