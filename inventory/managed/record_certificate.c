#include "inventory/managed/record_certificate.h"

#include "inventory/certificate/der.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

bool record_is_certificate(const struct cert *cert)
{
    return cert_has(cert, CERT_SERIAL_NUMBER) || cert_has(cert, CERT_ISSUER) || cert_has(cert, CERT_PUBLIC_KEY);
}

static void replace(char **text, const struct cert *cert, enum cert_field field, const char *by)
{
    if (!cert_has(cert, field) || by == NULL)
        return;
    free(*text);
    *text = xstrdup(by);
}

static void replace_names(struct managed_record *record, const struct cert *cert)
{
    for (size_t i = 0; i < record->name_count; i++)
        free(record->names[i]);
    record->name_count = 0;
    free(record->common_name);
    record->common_name = NULL;
    for (size_t i = 0; i < cert->name_count; i++) {
        const struct cert_name *name = &cert->names[i];
        if (name->kind == CERT_NAME_DNS || name->kind == CERT_NAME_IP)
            record_add_name(record, name->text, strlen(name->text));
        else if (name->kind == CERT_NAME_COMMON && record->common_name == NULL)
            record->common_name = xstrdup(name->text);
    }
}

static bool is_for(const struct cert *cert, const char *usage)
{
    for (size_t i = 0; i < cert->extended_key_usage.count; i++)
        if (strcmp(cert->extended_key_usage.items[i], usage) == 0)
            return true;
    return false;
}

/* What no network serves is not looked for at places. One without usages, or for servers too, is what its source says. */
static void replace_type(struct managed_record *record, const struct cert *cert)
{
    static const struct { const char *usage; enum record_type type; } kinds[] = {
        {"codeSigning", TYPE_CODE_SIGNING}, {"emailProtection", TYPE_SMIME}, {"clientAuth", TYPE_CLIENT}};
    if (cert->is_ca)
        record->type = TYPE_CA;
    if (cert->is_ca || is_for(cert, "serverAuth") || is_for(cert, "anyExtendedKeyUsage"))
        return;
    for (size_t i = sizeof kinds / sizeof *kinds; i-- > 0;)         /* the last one wins: mail certificates are for clients, too */
        if (is_for(cert, kinds[i].usage))
            record->type = kinds[i].type;
}

void record_fill(struct managed_record *record, const struct cert *cert, const uint8_t *der, size_t len)
{
    record->has_sha256 = record->has_sha1 = true;
    memcpy(record->sha256, cert->sha256, sizeof record->sha256);
    memcpy(record->sha1, cert->sha1, sizeof record->sha1);
    record->has_spki_sha256 = cert_has(cert, CERT_PUBLIC_KEY);
    memcpy(record->spki_sha256, cert->spki_sha256, sizeof record->spki_sha256);
    replace(&record->serial_number, cert, CERT_SERIAL_NUMBER, cert->serial_text);
    replace(&record->subject, cert, CERT_SUBJECT, cert->subject);
    replace(&record->issuer, cert, CERT_ISSUER, cert->issuer);
    if (cert_has(cert, CERT_NOT_BEFORE))
        record->not_before_us = cert->not_before * 1000000;
    if (cert_has(cert, CERT_NOT_AFTER))
        record->not_after_us = cert->not_after * 1000000;
    replace_names(record, cert);
    replace_type(record, cert);
    free(record->der);
    record->der = xmemdup(der, len);
    record->der_len = len;
}

void managed_read_certificate(const char *file, size_t line, const uint8_t *der, size_t len, const struct managed_sink *sink)
{
    struct managed_record record = RECORD_EMPTY;
    struct cert *cert = cert_parse(der, len);
    record.file = file;
    record.line = line;
    if (record_is_certificate(cert)) {
        record_fill(&record, cert, der, len);
        sink->record(sink->context, &record);
    } else {
        struct byte_reader bytes = byte_reader_of(der, len);
        struct der_item outer, first;
        bool is_der = der_read(&bytes, &outer) && der_read(&outer.content, &first);
        sink->fault(sink->context, file, line, is_der ? "no certificate; is it a key?" : "neither a certificate nor anything else in DER");
    }
    cert_destroy(cert);
    managed_record_clear(&record);
}
