/* PEM, DER and PKCS#7: files of certificates as such. */
#include "inventory/formats/format_parts.h"

#include "inventory/certificate/der.h"
#include "inventory/certificate/pem.h"

#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

static void give(struct format_reader *reader, const char *file, size_t line, struct byte_reader der)
{
    reader->sink->certificate(reader->sink->context, file, line, der.at, der.left);
}

static bool is_certificate_label(const char *label)
{
    return strcmp(label, "CERTIFICATE") == 0 || strcmp(label, "X509 CERTIFICATE") == 0;
}

/* OpenSSL's TRUSTED CERTIFICATE has trust settings after the certificate. */
static struct byte_reader first_item(const uint8_t *der, size_t len)
{
    struct byte_reader bytes = byte_reader_of(der, len);
    struct der_item item;
    return der_read(&bytes, &item) ? item.whole : byte_reader_of(der, len);
}

static bool give_block(struct format_reader *reader, const char *file, const struct pem_block *block)
{
    struct error err = {0};
    if (block->fault != NULL) {
        reader->sink->fault(reader->sink->context, file, block->line, block->fault);
    } else if (is_certificate_label(block->label)) {
        give(reader, file, block->line, byte_reader_of(block->der, block->len));
    } else if (strcmp(block->label, "TRUSTED CERTIFICATE") == 0) {
        give(reader, file, block->line, first_item(block->der, block->len));
    } else if (strcmp(block->label, "PKCS7") == 0 || strcmp(block->label, "CMS") == 0) {
        if (!pkcs7_read(reader, file, block->line, byte_reader_of(block->der, block->len), &err))
            reader->sink->fault(reader->sink->context, file, block->line, err.text);
    } else {
        return false;
    }
    return true;
}

bool pem_file_read(struct format_reader *reader, const char *file, struct byte_reader bytes, struct error *err)
{
    struct pem_reader pem = pem_reader_of(bytes.at, bytes.left);
    struct pem_block block;
    size_t blocks = 0;
    while (pem_next(&pem, &block)) {
        blocks += give_block(reader, file, &block);
        free(block.der);
    }
    reader->has_keys_only = blocks == 0;
    if (blocks == 0)
        return error_set(err, ERROR_INPUT, "%s: PEM blocks, but no CERTIFICATE among them", file);
    return true;
}

/* The certificates of SignedData (RFC 5652, 5.1), in DER: the commonest form of .p7b. */
static bool walk_signed_data(struct format_reader *reader, const char *file, size_t line, struct byte_reader bytes, size_t *count)
{
    struct der_item content, item, wrapped, data, certificates;
    if (!der_read_tag(&bytes, DER_SEQUENCE, &content) || !der_read_tag(&content.content, DER_OID, &item) ||
        !der_read_tag(&content.content, DER_CONTEXT_0, &wrapped) || !der_read_tag(&wrapped.content, DER_SEQUENCE, &data) ||
        !der_read_tag(&data.content, DER_INTEGER, &item) || !der_read_tag(&data.content, DER_SET, &item) ||
        !der_read_tag(&data.content, DER_SEQUENCE, &item))
        return false;
    if (!der_read_tag(&data.content, DER_CONTEXT_0, &certificates))
        return true;                                    /* none is in it */
    while (der_read(&certificates.content, &item)) {
        if (item.tag != DER_SEQUENCE)                   /* attribute certificates and the like */
            continue;
        give(reader, file, line, item.whole);
        ++*count;
    }
    return certificates.content.left == 0;
}

/* BER with indefinite lengths, as some Java tools write it. */
static bool parse_by_openssl(struct format_reader *reader, const char *file, size_t line, struct byte_reader bytes, size_t *count)
{
    const uint8_t *at = bytes.at;
    PKCS7 *message = bytes.left > LONG_MAX ? NULL : d2i_PKCS7(NULL, &at, (long)bytes.left);
    STACK_OF(X509) *certificates = message != NULL && PKCS7_type_is_signed(message) && message->d.sign != NULL ? message->d.sign->cert : NULL;
    for (int i = 0; i < sk_X509_num(certificates); i++) {
        uint8_t *der = NULL;
        int len = i2d_X509(sk_X509_value(certificates, i), &der);
        if (len > 0) {
            give(reader, file, line, byte_reader_of(der, (size_t)len));
            ++*count;
        }
        OPENSSL_free(der);
    }
    bool ok = message != NULL;
    PKCS7_free(message);
    ERR_clear_error();
    return ok;
}

bool pkcs7_read(struct format_reader *reader, const char *file, size_t line, struct byte_reader bytes, struct error *err)
{
    size_t count = 0;
    bool ok = walk_signed_data(reader, file, line, bytes, &count) || (count == 0 && parse_by_openssl(reader, file, line, bytes, &count));
    if (count > 0)
        return true;
    reader->has_keys_only = ok;
    return error_set(err, ERROR_INPUT, "%s: PKCS#7 without a certificate%s", file, ok ? "" : " that can be read");
}

enum der_kind { KIND_CERTIFICATE, KIND_PKCS7, KIND_PKCS12, KIND_OTHER };

/* What a SEQUENCE is, by its first elements. */
static enum der_kind kind_of(struct byte_reader bytes)
{
    struct der_item outer, first, second;
    if (bytes.left > 4 && bytes.at[1] == 0x80)          /* indefinite length: BER */
        return bytes.at[2] == DER_OID ? KIND_PKCS7 : bytes.at[2] == DER_INTEGER ? KIND_PKCS12 : KIND_OTHER;
    if (!der_read(&bytes, &outer) || !der_read(&outer.content, &first))
        return KIND_CERTIFICATE;                        /* broken, perhaps a certificate: the sink reports it */
    if (first.tag == DER_OID)
        return KIND_PKCS7;
    if (first.tag == DER_INTEGER && first.content.left == 1 && first.content.at[0] == 3 && der_read_tag(&outer.content, DER_SEQUENCE, &second) &&
        der_peek(&second.content) == DER_OID)
        return KIND_PKCS12;
    return first.tag == DER_SEQUENCE ? KIND_CERTIFICATE : KIND_OTHER;
}

/* There may be several concatenated certificates. */
bool der_file_read(struct format_reader *reader, const char *file, size_t line, struct byte_reader bytes, struct error *err)
{
    switch (kind_of(bytes)) {
    case KIND_PKCS7:
        return pkcs7_read(reader, file, line, bytes, err);
    case KIND_PKCS12:
        return pkcs12_read(reader, file, bytes, err);
    case KIND_OTHER:
        reader->has_keys_only = true;
        return error_set(err, ERROR_INPUT, "%s: no certificate; is it a key?", file);
    case KIND_CERTIFICATE:
        break;
    }
    struct der_item item;
    struct byte_reader rest = bytes;
    if (!der_read(&rest, &item)) {
        give(reader, file, line, bytes);
        return true;
    }
    give(reader, file, line, item.whole);
    while (der_peek(&rest) == DER_SEQUENCE && der_read(&rest, &item))
        give(reader, file, line, item.whole);
    return true;
}
