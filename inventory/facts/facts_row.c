#include "inventory/facts/facts_row.h"

#include "inventory/certificate/cert_text.h"
#include "inventory/facts/facts.h"
#include "inventory/store/array_text.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (64u << 10)        /* bytes of one text; the DER has all of it */

/* How many bytes of a text are kept, cut between two characters. The DER has all of it. */
static size_t text_len(const char *text)
{
    size_t len = strnlen(text, TEXT_MAX + 1);
    if (len <= TEXT_MAX)
        return len;
    for (len = TEXT_MAX; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
        len--;
    return len;
}

void facts_text(struct db_copy *copy, const char *text)
{
    if (text == NULL)
        db_copy_text(copy, NULL);
    else
        db_copy_text_len(copy, text, text_len(text));
}

void facts_texts(struct db_copy *copy, const struct cert_texts *texts)
{
    if (texts->count == 0) {
        db_copy_text(copy, "{}");
        return;
    }
    for (size_t i = 0; i < texts->count; i++)
        texts->items[i][text_len(texts->items[i])] = '\0';
    char *array = array_text_of((const char *const *)texts->items, texts->count);
    db_copy_text(copy, array);
    free(array);
}

void facts_extension_texts(struct db_copy *copy, const struct cert *cert, enum cert_field field, const struct cert_texts *texts)
{
    if (cert->state[field] == FIELD_ABSENT)
        db_copy_text(copy, NULL);
    else
        facts_texts(copy, texts);
}

void facts_bytes(struct db_copy *copy, struct byte_reader bytes)
{
    if (bytes.at == NULL)
        db_copy_text(copy, NULL);
    else
        db_copy_bytes(copy, bytes.at, bytes.left < TEXT_MAX ? bytes.left : TEXT_MAX);
}

void facts_folded(struct db_copy *copy, const char *name)
{
    char *folded = name == NULL ? NULL : cert_text_fold_name(name);
    facts_text(copy, folded);
    free(folded);
}

void facts_int_or_null(struct db_copy *copy, bool known, int64_t value)
{
    if (known)
        db_copy_int(copy, value);
    else
        db_copy_text(copy, NULL);
}

static void broken_list(struct db_copy *copy, const struct cert *cert)
{
    const char *names[CERT_FIELD_COUNT];
    size_t count = 0;
    for (enum cert_field field = 0; field < CERT_FIELD_COUNT; field++)
        if (cert->state[field] == FIELD_BROKEN)
            names[count++] = cert_field_name(field);
    char *array = array_text_of(names, count);
    db_copy_text(copy, array);
    free(array);
}

static int text_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* dns_names, ip_names and name_set: DNS and IP SANs in order, and all of them as a sorted set. */
static void san_columns(struct db_copy *copy, const struct cert *cert)
{
    const char **dns = xcalloc(3 * cert->san_count + 1, sizeof *dns), **ip = dns + cert->san_count;
    const char **set = ip + cert->san_count;
    size_t dns_count = 0, ip_count = 0, set_count = 0, kept = 0;
    for (size_t i = 0; i < cert->san_count; i++) {
        const struct cert_name *name = &cert->names[i];
        if (name->kind == CERT_NAME_DNS)
            set[set_count++] = dns[dns_count++] = name->text;
        else if (name->kind == CERT_NAME_IP && name->address.len != 0)
            set[set_count++] = ip[ip_count++] = name->text;
    }
    qsort(set, set_count, sizeof *set, text_compare);
    for (size_t i = 0; i < set_count; i++)
        if (i == 0 || strcmp(set[i], set[kept - 1]) != 0)
            set[kept++] = set[i];
    const char **lists[] = {dns, ip, set};
    const size_t counts[] = {dns_count, ip_count, kept};
    for (size_t i = 0; i < 3; i++) {
        char *array = array_text_of(lists[i], counts[i]);
        db_copy_text(copy, array);
        free(array);
    }
    free(dns);
}

static void common_names(struct db_copy *copy, const struct cert *cert)
{
    struct cert_texts names = {0};
    for (size_t i = cert->san_count; i < cert->name_count; i++)
        cert_texts_add(&names, xstrdup(cert->names[i].text));
    if (names.count == 0)
        db_copy_text(copy, NULL);
    else
        facts_texts(copy, &names);
    cert_texts_clear(&names);
}

static void time_column(struct db_copy *copy, const struct cert *cert, enum cert_field field, int64_t seconds)
{
    db_copy_time(copy, cert_has(cert, field) ? seconds * 1000000 : INT64_MIN);
}

static void sct_columns(struct db_copy *copy, const struct cert *cert)
{
    struct cert_texts logs = {0}, times = {0};
    for (size_t i = 0; i < cert->scts_kept; i++) {
        char hex[67] = "\\x";
        hex_format(cert->scts[i].log_id, 32, hex + 2);
        cert_texts_add(&logs, xstrdup(hex));
        cert_texts_add(&times, xasprintf("%lld", (long long)cert->scts[i].time_ms));
    }
    facts_texts(copy, &logs);
    facts_texts(copy, &times);
    cert_texts_clear(&logs);
    cert_texts_clear(&times);
}

bool facts_own_row(struct db_copy *copy, int64_t certificate, int64_t profile, const struct cert *cert,
                   const struct cert_texts *name_faults, struct error *err)
{
    db_copy_int(copy, certificate);
    db_copy_int(copy, FACTS_VERSION_NUMBER);
    db_copy_int(copy, profile);
    db_copy_bytes(copy, cert->sha1, sizeof cert->sha1);
    broken_list(copy, cert);
    facts_text(copy, cert->serial_text);
    facts_int_or_null(copy, cert->serial_text != NULL, (int64_t)cert->serial_number.left);
    facts_text(copy, cert->subject);
    facts_folded(copy, cert->subject);
    facts_texts(copy, &cert->subject_attributes);
    common_names(copy, cert);
    time_column(copy, cert, CERT_NOT_BEFORE, cert->not_before);
    time_column(copy, cert, CERT_NOT_AFTER, cert->not_after);
    if (cert->spki.left > 0)
        db_copy_bytes(copy, cert->spki_sha256, sizeof cert->spki_sha256);
    else
        db_copy_text(copy, NULL);
    db_copy_bool(copy, cert->state[CERT_SUBJECT_ALT_NAMES] != FIELD_ABSENT);
    san_columns(copy, cert);
    db_copy_int(copy, (int64_t)cert->names_omitted);
    facts_bytes(copy, cert->subject_key_id);
    db_copy_int(copy, cert->sct_count);
    sct_columns(copy, cert);
    db_copy_bool(copy, cert->is_self_issued);
    db_copy_bool(copy, cert->is_self_signed);
    facts_texts(copy, name_faults);
    return db_copy_row(copy, err);
}
