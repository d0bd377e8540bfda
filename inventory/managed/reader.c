#include "inventory/managed/reader.h"

#include "inventory/certificate/cert.h"
#include "inventory/certificate/der.h"
#include "inventory/certificate/pem.h"
#include "inventory/managed/table.h"
#include "probes/base/file_bytes.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

static char *field_text(const struct cert *cert, enum cert_field field, const char *text)
{
    return cert_has(cert, field) && text != NULL ? xstrdup(text) : NULL;
}

static void fill_from_certificate(struct managed_record *record, const struct cert *cert)
{
    record->has_sha256 = true;
    memcpy(record->sha256, cert->sha256, sizeof record->sha256);
    record->has_spki_sha256 = cert_has(cert, CERT_PUBLIC_KEY);
    memcpy(record->spki_sha256, cert->spki_sha256, sizeof record->spki_sha256);
    record->serial_number = field_text(cert, CERT_SERIAL_NUMBER, cert->serial_text);
    record->subject = field_text(cert, CERT_SUBJECT, cert->subject);
    record->issuer = field_text(cert, CERT_ISSUER, cert->issuer);
    if (cert_has(cert, CERT_NOT_BEFORE))
        record->not_before_us = cert->not_before * 1000000;
    if (cert_has(cert, CERT_NOT_AFTER))
        record->not_after_us = cert->not_after * 1000000;
    for (size_t i = 0; i < cert->name_count; i++) {
        const struct cert_name *name = &cert->names[i];
        if (name->kind == CERT_NAME_DNS || name->kind == CERT_NAME_IP)
            record_add_name(record, name->text, strlen(name->text));
        else if (name->kind == CERT_NAME_COMMON && record->common_name == NULL)
            record->common_name = xstrdup(name->text);
    }
}

/* What DER without a single field of a certificate is instead, by its first element. Nothing of it is kept: it may
 * hold a private key. */
static const char *other_than_certificate(const uint8_t *der, size_t len)
{
    struct byte_reader bytes = byte_reader_of(der, len);
    struct der_item outer, first;
    if (!der_read(&bytes, &outer) || !der_read(&outer.content, &first))
        return "neither a certificate nor anything else in DER";
    if (first.tag == DER_OID)
        return "PKCS#7, no certificate; take the certificates out: openssl pkcs7 -print_certs";
    if (first.tag == DER_INTEGER && first.content.left == 1 && first.content.at[0] == 3)
        return "PKCS#12, no certificate; take the certificates out: openssl pkcs12 -nokeys";
    return "no certificate; is it a key?";
}

static bool is_certificate(const struct cert *cert)
{
    return cert_has(cert, CERT_SERIAL_NUMBER) || cert_has(cert, CERT_ISSUER) || cert_has(cert, CERT_PUBLIC_KEY);
}

/* A certificate itself: it is kept beside what it says. */
static void give_certificate(const struct managed_sink *sink, const char *file, size_t line, const uint8_t *der,
                             size_t len)
{
    struct managed_record record = {.not_before_us = RECORD_NO_TIME,
                                    .not_after_us = RECORD_NO_TIME,
                                    .der = xmemdup(der, len),
                                    .der_len = len,
                                    .file = file,
                                    .line = line};
    struct cert *cert = cert_parse(der, len);
    if (is_certificate(cert)) {
        fill_from_certificate(&record, cert);
        sink->record(sink->context, &record);
    } else {
        sink->fault(sink->context, file, line, other_than_certificate(der, len));
    }
    cert_destroy(cert);
    managed_record_clear(&record);
}

static bool is_certificate_label(const char *label)
{
    return strcmp(label, "CERTIFICATE") == 0 || strcmp(label, "X509 CERTIFICATE") == 0 ||
           strcmp(label, "TRUSTED CERTIFICATE") == 0;
}

static bool read_pem(const char *file, struct byte_reader bytes, const struct managed_sink *sink,
                     struct error *err)
{
    struct pem_reader reader = pem_reader_of(bytes.at, bytes.left);
    struct pem_block block;
    size_t blocks = 0;
    while (pem_next(&reader, &block)) {
        if (block.fault != NULL)
            sink->fault(sink->context, file, block.line, block.fault);
        else if (is_certificate_label(block.label))
            give_certificate(sink, file, block.line, block.der, block.len);
        blocks += block.fault != NULL || is_certificate_label(block.label);
        free(block.der);
    }
    if (blocks == 0)
        return error_set(err, ERROR_INPUT, "%s: PEM blocks, but no CERTIFICATE among them", file);
    return true;
}

static bool contains(struct byte_reader bytes, const char *text)
{
    return memmem(bytes.at, bytes.left, text, strlen(text)) != NULL;
}

bool managed_read_bytes(const char *file, struct byte_reader bytes, const struct managed_reader_options *options,
                        const struct managed_sink *sink, struct error *err)
{
    if (bytes.left == 0)
        return error_set(err, ERROR_INPUT, "%s: empty", file);
    if (contains(bytes, "-----BEGIN "))
        return read_pem(file, bytes, sink, err);
    if (bytes.left > 4 && bytes.at[0] == 0x30 && (bytes.at[1] & 0x80) != 0) {    /* SEQUENCE, long length */
        give_certificate(sink, file, 0, bytes.at, bytes.left);
        return true;
    }
    return managed_read_table(file, bytes, options, sink, err);
}

bool managed_read_file(const char *path, const struct managed_reader_options *options,
                       const struct managed_sink *sink, struct error *err)
{
    struct file_bytes file;
    if (!file_bytes_open(&file, path, err))
        return false;
    bool ok = managed_read_bytes(path, byte_reader_of(file.bytes, file.len), options, sink, err);
    file_bytes_close(&file);
    return ok;
}
