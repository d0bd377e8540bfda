#include "inventory/facts/facts_row.h"

#include "inventory/certificate/cert_text.h"
#include "inventory/facts/facts.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX    (64u << 10)     /* bytes of one text; the DER has all of it */
#define OWN_COLUMNS 26

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
        db_binary_null(copy);
    else
        db_binary_text_len(copy, text, text_len(text));
}

static void texts(struct db_copy *copy, const char *const *items, size_t count)
{
    db_binary_array_begin(copy, DB_TEXT, count);
    for (size_t i = 0; i < count; i++)
        facts_text(copy, items[i]);
    db_binary_array_end(copy);
}

void facts_texts(struct db_copy *copy, const struct cert_texts *list)
{
    texts(copy, (const char *const *)list->items, list->count);
}

void facts_extension_texts(struct db_copy *copy, const struct cert *cert, enum cert_field field, const struct cert_texts *list)
{
    if (cert->state[field] == FIELD_ABSENT)
        db_binary_null(copy);
    else
        facts_texts(copy, list);
}

void facts_bytes(struct db_copy *copy, struct byte_reader bytes)
{
    if (bytes.at == NULL)
        db_binary_null(copy);
    else
        db_binary_bytes(copy, bytes.at, bytes.left < TEXT_MAX ? bytes.left : TEXT_MAX);
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
        db_binary_int4(copy, (int32_t)value);
    else
        db_binary_null(copy);
}

static void broken_list(struct db_copy *copy, const struct cert *cert)
{
    const char *names[CERT_FIELD_COUNT];
    size_t count = 0;
    for (enum cert_field field = 0; field < CERT_FIELD_COUNT; field++)
        if (cert->state[field] == FIELD_BROKEN)
            names[count++] = cert_field_name(field);
    texts(copy, names, count);
}

static int text_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* dns_names, ip_names and name_set: DNS and IP SANs in order, and all of them as a sorted set. */
static void san_columns(struct db_copy *copy, const struct cert *cert)
{
    const char **dns = xcalloc(2 * cert->san_count + 1, sizeof *dns), **set = dns + cert->san_count;
    const struct address **ip = xcalloc(cert->san_count + 1, sizeof *ip);
    size_t dns_count = 0, ip_count = 0, set_count = 0, kept = 0;
    for (size_t i = 0; i < cert->san_count; i++) {
        const struct cert_name *name = &cert->names[i];
        if (name->kind == CERT_NAME_DNS)
            set[set_count++] = dns[dns_count++] = name->text;
        else if (name->kind == CERT_NAME_IP && name->address.len != 0) {
            ip[ip_count++] = &name->address;
            set[set_count++] = name->text;
        }
    }
    qsort(set, set_count, sizeof *set, text_compare);
    for (size_t i = 0; i < set_count; i++)
        if (i == 0 || strcmp(set[i], set[kept - 1]) != 0)
            set[kept++] = set[i];
    texts(copy, dns, dns_count);
    db_binary_array_begin(copy, DB_INET, ip_count);
    for (size_t i = 0; i < ip_count; i++)
        db_binary_inet(copy, ip[i]->bytes, ip[i]->len);
    db_binary_array_end(copy);
    texts(copy, set, kept);
    free(ip);
    free(dns);
}

static void common_names(struct db_copy *copy, const struct cert *cert)
{
    size_t all = cert->name_count - cert->san_count, count = all < CERT_LIST_MAX ? all : CERT_LIST_MAX;
    const char **names = xcalloc(count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = cert->names[cert->san_count + i].text;
    if (count == 0)
        db_binary_null(copy);
    else
        texts(copy, names, count);
    free(names);
}

static void time_column(struct db_copy *copy, const struct cert *cert, enum cert_field field, int64_t seconds)
{
    if (cert_has(cert, field))
        db_binary_time(copy, seconds * 1000000);
    else
        db_binary_null(copy);
}

static void sct_columns(struct db_copy *copy, const struct cert *cert)
{
    db_binary_array_begin(copy, DB_BYTEA, cert->scts_kept);
    for (size_t i = 0; i < cert->scts_kept; i++)
        db_binary_bytes(copy, cert->scts[i].log_id, 32);
    db_binary_array_end(copy);
    db_binary_array_begin(copy, DB_INT8, cert->scts_kept);
    for (size_t i = 0; i < cert->scts_kept; i++)
        db_binary_int8(copy, cert->scts[i].time_ms);
    db_binary_array_end(copy);
}

bool facts_own_row(struct db_copy *copy, int64_t certificate, int64_t profile, const struct cert *cert,
                   const struct cert_texts *name_faults, struct error *err)
{
    if (!db_binary_row(copy, OWN_COLUMNS, err))
        return false;
    db_binary_int8(copy, certificate);
    db_binary_int4(copy, FACTS_VERSION_NUMBER);
    db_binary_int8(copy, profile);
    db_binary_bytes(copy, cert->sha1, sizeof cert->sha1);
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
        db_binary_bytes(copy, cert->spki_sha256, sizeof cert->spki_sha256);
    else
        db_binary_null(copy);
    db_binary_bool(copy, cert->state[CERT_SUBJECT_ALT_NAMES] != FIELD_ABSENT);
    san_columns(copy, cert);
    db_binary_int4(copy, (int32_t)cert->names_omitted);
    facts_bytes(copy, cert->subject_key_id);
    db_binary_int4(copy, (int32_t)cert->sct_count);
    sct_columns(copy, cert);
    db_binary_bool(copy, cert->is_self_issued);
    db_binary_bool(copy, cert->is_self_signed);
    facts_texts(copy, name_faults);
    return true;
}
