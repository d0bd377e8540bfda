#include "inventory/certificate/cert.h"

#include "inventory/certificate/cert_parts.h"
#include "inventory/certificate/cert_text.h"
#include "inventory/certificate/cert_verify.h"
#include "inventory/certificate/oid.h"
#include "probes/base/memory.h"
#include "probes/base/sha256.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

static enum field version_parse(struct cert *cert, struct byte_reader *tbs)
{
    struct der_item outer, number;
    cert->version = 1;
    if (der_peek(tbs) != DER_CONTEXT_0)
        return FIELD_PRESENT;           /* DEFAULT v1 */
    if (!der_read(tbs, &outer) || !der_read_tag(&outer.content, DER_INTEGER, &number) || number.content.left != 1)
        return FIELD_BROKEN;
    cert->version = number.content.at[0] + 1;
    return FIELD_PRESENT;
}

static enum field serial_parse(struct cert *cert, struct byte_reader content)
{
    cert->serial_number = content;
    bool minimal = content.left == 1 || (content.left > 1 && (content.at[0] != 0 || content.at[1] & 0x80)
                                         && (content.at[0] != 0xff || !(content.at[1] & 0x80)));
    cert->serial_text = cert_text_serial(content);
    return minimal ? FIELD_PRESENT : FIELD_BROKEN;
}

static enum field time_parse(struct cert *cert, struct byte_reader *validity, int64_t *seconds)
{
    struct der_item item;
    bool form = false, ok = der_read(validity, &item) && cert_time_parse(&item, seconds, &form);
    if (!form)
        cert->state[CERT_VALIDITY_FORM] = FIELD_BROKEN;
    return ok ? FIELD_PRESENT : FIELD_BROKEN;
}

static enum field name_parse(struct byte_reader der, struct byte_reader *bytes, char **text,
                             struct cert_texts *attributes)
{
    *bytes = der;
    bool broken;
    *text = cert_text_name(der, attributes, &broken);
    return broken ? FIELD_BROKEN : FIELD_PRESENT;
}

/* Behind the key: issuerUniqueID, subjectUniqueID, extensions. False where something else is there. */
static bool tail_parse(struct cert *cert, struct byte_reader tbs)
{
    struct der_item item;
    bool ok = true;
    cert->state[CERT_EXTENSIONS] = FIELD_ABSENT;
    while (der_read(&tbs, &item)) {
        if (item.tag == DER_CONTEXT_3 && cert->state[CERT_EXTENSIONS] == FIELD_ABSENT)
            cert_extensions_parse(cert, item.content);
        else
            ok = ok && (item.tag == 0x81 || item.tag == 0x82);
    }
    if (tbs.left > 0 && cert->state[CERT_EXTENSIONS] == FIELD_ABSENT)
        cert->state[CERT_EXTENSIONS] = FIELD_BROKEN;
    return ok && tbs.left == 0;
}

/* TBSCertificate (RFC 5280, 4.1); all mandatory fields are broken until they are read. An element of another type than
 * the standard's is skipped, so that what follows it is read nevertheless. */
static bool tbs_parse(struct cert *cert, struct byte_reader tbs, struct byte_reader *inner_algorithm)
{
    struct der_item item, time;
    enum field *state = cert->state;
    if ((state[CERT_VERSION] = version_parse(cert, &tbs)) == FIELD_BROKEN)
        cert->version = 0;
    if (!der_read(&tbs, &item))
        return false;
    bool ok = item.tag == DER_INTEGER;
    if (ok)
        state[CERT_SERIAL_NUMBER] = serial_parse(cert, item.content);
    if (!der_read(&tbs, &item))
        return false;
    ok = ok && item.tag == DER_SEQUENCE;
    *inner_algorithm = item.whole;
    if (!der_read(&tbs, &item))
        return false;
    state[CERT_ISSUER] = name_parse(item.whole, &cert->issuer_der, &cert->issuer, &cert->issuer_attributes);
    if (!der_read(&tbs, &item))
        return false;
    ok = ok && item.tag == DER_SEQUENCE;
    state[CERT_VALIDITY_FORM] = FIELD_PRESENT;
    state[CERT_NOT_BEFORE] = time_parse(cert, &item.content, &cert->not_before);
    state[CERT_NOT_AFTER] = time_parse(cert, &item.content, &cert->not_after);
    if (der_read(&item.content, &time))
        state[CERT_VALIDITY_FORM] = FIELD_BROKEN;
    if (!der_read(&tbs, &item))
        return false;
    state[CERT_SUBJECT] = name_parse(item.whole, &cert->subject_der, &cert->subject, &cert->subject_attributes);
    if (!der_read(&tbs, &item))
        return false;
    ok = ok && item.tag == DER_SEQUENCE;
    state[CERT_PUBLIC_KEY] = cert_key_parse(cert, item.whole);
    return tail_parse(cert, tbs) && ok;
}

static void common_names_add(struct cert *cert)
{
    for (size_t i = 0; i < cert->subject_attributes.count; i++) {
        const char *attribute = cert->subject_attributes.items[i];
        if (strncmp(attribute, "CN=", 3) != 0)
            continue;
        cert->names = xreallocarray(cert->names, cert->name_count + 1, sizeof *cert->names);
        cert->names[cert->name_count++] = (struct cert_name){.kind = CERT_NAME_COMMON, .text = xstrdup(attribute + 3),
            .bytes = byte_reader_of(attribute + 3, strlen(attribute + 3))};
    }
}

static void algorithms_parse(struct cert *cert, const struct byte_reader *outer, struct byte_reader inner)
{
    cert->signature_algorithms_agree = outer != NULL && outer->left == inner.left
                                       && (inner.left == 0 || memcmp(outer->at, inner.at, inner.left) == 0);
    cert->signature_algorithm_der = outer != NULL ? *outer : inner;
    if (cert->signature_algorithm_der.left > 0)
        cert->state[CERT_SIGNATURE_ALGORITHM] = cert_signature_parse(cert, cert->signature_algorithm_der);
    if (outer != NULL && !cert->signature_algorithms_agree && inner.left > 0) {
        struct der_item sequence, oid;
        if (der_read_tag(&inner, DER_SEQUENCE, &sequence) && der_read_tag(&sequence.content, DER_OID, &oid))
            cert->signed_algorithm = oid_label(oid.content);
    }
}

static bool self_signed(const struct cert *cert)
{
    struct cert_verify_key *key = cert_verify_key_create(cert->spki);
    bool verified = cert_verify(key, cert) == CERT_VERIFIED;
    cert_verify_key_destroy(key);
    return verified;
}

/* Certificate (RFC 5280, 4.1). */
static void certificate_parse(struct cert *cert)
{
    struct byte_reader all = cert->der, inner = {0};
    struct der_item certificate, tbs, algorithm, signature;
    if (!der_read_tag(&all, DER_SEQUENCE, &certificate) || !der_read_tag(&certificate.content, DER_SEQUENCE, &tbs))
        return;
    cert->tbs = tbs.whole;
    bool whole = tbs_parse(cert, tbs.content, &inner);
    bool outer = der_read_tag(&certificate.content, DER_SEQUENCE, &algorithm);
    algorithms_parse(cert, outer ? &algorithm.whole : NULL, inner);
    bool has_signature = outer && der_read_tag(&certificate.content, DER_BIT_STRING, &signature);
    if (has_signature && der_bit_bytes(signature.content, &cert->signature))
        cert->state[CERT_SIGNATURE] = FIELD_PRESENT;
    if (whole && has_signature && certificate.content.left == 0 && all.left == 0)
        cert->state[CERT_STRUCTURE] = FIELD_PRESENT;
}

static bool is_cut(const struct cert *cert)
{
    const struct cert_texts *lists[] = {&cert->subject_attributes, &cert->issuer_attributes, &cert->issuer_alt_names,
        &cert->extended_key_usage, &cert->policies, &cert->policy_qualifiers, &cert->crl_urls, &cert->ocsp_urls,
        &cert->ca_issuer_urls, &cert->access_methods, &cert->extensions, &cert->qc_statements, &cert->freshest_crl_urls};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (lists[i]->cut)
            return true;
    return cert->names_omitted > 0 || cert->sct_count > CERT_LIST_MAX;
}

struct cert *cert_parse(const void *der, size_t len)
{
    struct cert *cert = xcalloc(1, sizeof *cert);
    cert->der = byte_reader_of(len == 0 ? xcalloc(1, 1) : xmemdup(der, len), len);
    sha256_of(cert->der.at, len, cert->sha256);
    SHA1(cert->der.at, len, cert->sha1);
    for (enum cert_field field = CERT_STRUCTURE; field <= CERT_EXTENSIONS; field++)
        cert->state[field] = FIELD_BROKEN;
    cert->state[CERT_SIGNATURE] = cert->state[CERT_VALIDITY_FORM] = FIELD_BROKEN;
    cert->path_len = -1;
    certificate_parse(cert);
    common_names_add(cert);
    if (is_cut(cert))
        cert->state[CERT_LIMITS] = FIELD_BROKEN;
    cert->is_self_issued = cert->subject != NULL && cert->issuer != NULL && cert_names_equal(cert->subject_der, cert->issuer_der);
    cert->is_self_signed = cert->is_self_issued && self_signed(cert);
    return cert;
}

void cert_destroy(struct cert *cert)
{
    if (cert == NULL)
        return;
    char *texts[] = {cert->serial_text, cert->subject, cert->issuer, cert->key_algorithm, cert->key_curve,
        cert->key_explicit_curve, cert->rsa_exponent, cert->signature_algorithm, cert->signature_hash,
        cert->signature_parameters, cert->signed_algorithm};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    for (size_t i = 0; i < cert->name_count; i++)
        free(cert->names[i].text);
    free(cert->names);
    for (size_t i = 0; i < cert->subtree_count; i++)
        free(cert->subtrees[i].text);
    free(cert->subtrees);
    free(cert->scts);
    free(cert->extension_items);
    struct cert_texts *lists[] = {&cert->subject_attributes, &cert->issuer_attributes, &cert->key_usage,
        &cert->extended_key_usage, &cert->policies, &cert->policy_qualifiers, &cert->crl_urls, &cert->crl_reasons,
        &cert->freshest_crl_urls, &cert->ocsp_urls, &cert->ca_issuer_urls, &cert->access_methods, &cert->qc_statements,
        &cert->issuer_alt_names, &cert->extensions, &cert->critical_extensions, &cert->duplicate_extensions};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        cert_texts_clear(lists[i]);
    free((void *)cert->der.at);
    free(cert);
}
