#include "inventory/facts/name_rows.h"

#include "inventory/facts/facts_row.h"
#include "inventory/facts/name_faults.h"
#include "inventory_facts_sql.h"
#include "probes/base/memory.h"

#include <ctype.h>
#include <idn2.h>
#include <libpsl.h>
#include <stdlib.h>
#include <string.h>

#define HOST_NAME_MAX_LEN 253       /* RFC 1035, 2.3.4 */
#define NAME_COLUMNS      9

struct name_rows {
    psl_ctx_t *suffixes;            /* NULL: none on this system, and none built in */
};

struct name_rows *name_rows_create(void)
{
    struct name_rows *names = xcalloc(1, sizeof *names);
    names->suffixes = psl_latest(NULL);
    return names;
}

void name_rows_destroy(struct name_rows *names)
{
    if (names == NULL)
        return;
    psl_free(names->suffixes);
    free(names);
}

void name_rows_faults(const struct name_rows *names, const struct cert *cert, struct cert_texts *faults)
{
    name_faults_find(names->suffixes, cert, faults);
}

/* Letters, digits, hyphens, underscores and dots, as host names in certificates are written. */
static bool is_host_name(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > HOST_NAME_MAX_LEN || name[0] == '.')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '-' && name[i] != '_' && name[i] != '.')
            return false;
    return true;
}

/* "www.example.gov" as "gov.example.www". */
static char *reversed_of(const char *name)
{
    size_t len = strlen(name), out = 0, end = len;
    char *reversed = xmalloc(len + 1);
    for (size_t i = len; i-- > 0;)
        if (name[i] == '.' || i == 0) {
            size_t start = name[i] == '.' ? i + 1 : i;
            memcpy(reversed + out, name + start, end - start);
            out += end - start;
            if (i > 0)
                reversed[out++] = '.';
            end = i;
        }
    reversed[out] = '\0';
    return reversed;
}

/* The forms of one name in lower case. All are NULL if it is no host name. */
struct name_forms {
    char *reversed, *registrable, *unicode;
};

static void name_forms_make(const struct name_rows *names, const char *name, struct name_forms *forms)
{
    *forms = (struct name_forms){0};
    if (strncmp(name, "*.", 2) == 0)
        name += 2;
    size_t len = strlen(name);
    char *host = xstrndup(name, len > 1 && name[len - 1] == '.' ? len - 1 : len);       /* the root's dot */
    if (is_host_name(host)) {
        forms->reversed = reversed_of(host);
        const char *registrable = names->suffixes == NULL ? NULL : psl_registrable_domain(names->suffixes, host);
        if (registrable != NULL)
            forms->registrable = xstrdup(registrable);
        char *unicode = NULL;
        if (strstr(host, "xn--") != NULL && idn2_to_unicode_8z8z(host, &unicode, 0) == IDN2_OK && strcmp(unicode, host) != 0)
            forms->unicode = xstrdup(unicode);
        idn2_free(unicode);
    }
    free(host);
}

static void name_forms_clear(struct name_forms *forms)
{
    free(forms->reversed);
    free(forms->registrable);
    free(forms->unicode);
}

static void forms_copy(struct name_rows *names, struct db_copy *copy, const struct cert_name *name)
{
    struct name_forms forms = {0};
    if (name->kind == CERT_NAME_DNS)
        name_forms_make(names, name->text, &forms);
    else if (name->kind == CERT_NAME_COMMON && strchr(name->text, '.') != NULL) {       /* a host by its looks */
        char *lower = xstrdup(name->text);
        for (char *c = lower; *c != '\0'; c++)
            *c = (char)tolower((unsigned char)*c);
        name_forms_make(names, lower, &forms);
        free(lower);
    }
    facts_text(copy, forms.reversed);
    facts_text(copy, forms.registrable);
    facts_text(copy, forms.unicode);
    name_forms_clear(&forms);
}

bool name_rows_copy(struct name_rows *names, struct db_copy *copy, int64_t certificate, const struct cert *cert, struct error *err)
{
    for (size_t i = 0; i < cert->name_count; i++) {
        const struct cert_name *name = &cert->names[i];
        size_t len = strlen(name->text);
        if (!db_binary_row(copy, NAME_COLUMNS, err))
            return false;
        db_binary_int8(copy, certificate);
        db_binary_int4(copy, (int32_t)i);
        db_binary_text(copy, cert_name_kind_name(name->kind));
        facts_text(copy, name->text);
        facts_bytes(copy, name->bytes.left == len && memcmp(name->bytes.at, name->text, len) == 0 ? (struct byte_reader){0} : name->bytes);
        db_binary_inet(copy, name->address.bytes, name->address.len);
        forms_copy(names, copy, name);
    }
    return true;
}
