#include "inventory/verdicts/revocation/crl.h"

#include "inventory/certificate/cert_time.h"
#include "inventory/certificate/der.h"

#include <string.h>

#define EXTENSIONS_MAX 64

static int64_t time_of(const struct der_item *item)
{
    int64_t seconds;
    bool form;
    return cert_time_parse(item, &seconds, &form) ? seconds : CRL_NO_TIME;
}

static bool boolean_true(struct byte_reader content)
{
    return content.left == 1 && content.at[0] != 0;
}

/* IssuingDistributionPoint (RFC 5280, 5.2.5). */
static void issuing_point_read(struct crl *crl, struct byte_reader value)
{
    struct der_item sequence, item, name;
    if (!der_read_tag(&value, DER_SEQUENCE, &sequence)) {
        crl->has_unknown_critical = true;
        return;
    }
    while (der_read(&sequence.content, &item))
        switch (item.tag) {
        case 0xa0:
            if (der_read_tag(&item.content, 0xa0, &name))
                crl->points = name.content;
            else
                crl->has_unreadable_point = true;
            break;
        case 0x81: crl->scope = boolean_true(item.content) ? CRL_SCOPE_USERS : crl->scope; break;
        case 0x82: crl->scope = boolean_true(item.content) ? CRL_SCOPE_CAS : crl->scope; break;
        case 0x83: crl->has_some_reasons = true; break;
        case 0x84: crl->is_indirect = boolean_true(item.content); break;
        case 0x85: crl->scope = boolean_true(item.content) ? CRL_SCOPE_ATTRIBUTES : crl->scope; break;
        default: crl->has_unknown_critical = true;
        }
}

struct extension {
    int id;                         /* the last arc below id-ce (2.5.29); -1: another OID */
    bool is_critical;
    struct byte_reader value;
};

static bool extension_next(struct byte_reader *extensions, struct extension *extension)
{
    struct der_item sequence, oid, item;
    *extension = (struct extension){.id = -1, .is_critical = true};
    if (!der_read_tag(extensions, DER_SEQUENCE, &sequence))
        return false;
    if (!der_read_tag(&sequence.content, DER_OID, &oid))
        return true;
    if (oid.content.left == 3 && oid.content.at[0] == 0x55 && oid.content.at[1] == 0x1d)
        extension->id = oid.content.at[2];
    extension->is_critical = der_read_tag(&sequence.content, DER_BOOLEAN, &item) && boolean_true(item.content);
    if (der_read_tag(&sequence.content, DER_OCTET_STRING, &item))
        extension->value = item.content;
    return true;
}

static void extensions_read(struct crl *crl, struct byte_reader wrapper)
{
    struct der_item list, item, id;
    struct extension extension;
    if (!der_read_tag(&wrapper, DER_SEQUENCE, &list))
        return;
    for (size_t i = 0; i < EXTENSIONS_MAX && extension_next(&list.content, &extension); i++)
        switch (extension.id) {
        case 20:
            if (der_read_tag(&extension.value, DER_INTEGER, &item))
                crl->number = item.content;
            break;
        case 27:
            crl->is_delta = true;
            if (der_read_tag(&extension.value, DER_INTEGER, &item))
                crl->base_number = item.content;
            break;
        case 28: issuing_point_read(crl, extension.value); break;
        case 35:
            if (der_read_tag(&extension.value, DER_SEQUENCE, &item) && der_read_tag(&item.content, 0x80, &id))
                crl->authority_key_id = id.content;
            break;
        default: crl->has_unknown_critical |= extension.is_critical;
        }
}

static bool is_time(uint8_t tag)
{
    return tag == DER_UTC_TIME || tag == DER_GENERALIZED_TIME;
}

static bool tbs_read(struct crl *crl, struct byte_reader tbs, struct byte_reader *inner_algorithm)
{
    struct der_item item;
    der_read_tag(&tbs, DER_INTEGER, &item);             /* version; none is v1 */
    if (!der_read_tag(&tbs, DER_SEQUENCE, &item))
        return false;
    *inner_algorithm = item.whole;
    if (!der_read_tag(&tbs, DER_SEQUENCE, &item))
        return false;
    crl->issuer = item.whole;
    if (!der_read(&tbs, &item) || (crl->this_update = time_of(&item)) == CRL_NO_TIME)
        return false;
    if (is_time(der_peek(&tbs)) && der_read(&tbs, &item))
        crl->next_update = time_of(&item);
    if (der_read_tag(&tbs, DER_SEQUENCE, &item))
        crl->entries = item.content;
    if (der_read_tag(&tbs, 0xa0, &item))
        extensions_read(crl, item.content);
    return tbs.left == 0;
}

bool crl_read(struct crl *crl, struct byte_reader der)
{
    struct der_item list, tbs, algorithm, bits;
    struct byte_reader inner = {0};
    *crl = (struct crl){.this_update = CRL_NO_TIME, .next_update = CRL_NO_TIME};
    if (!der_read_tag(&der, DER_SEQUENCE, &list) || der.left != 0 || !der_read_tag(&list.content, DER_SEQUENCE, &tbs)
        || !der_read_tag(&list.content, DER_SEQUENCE, &algorithm) || !der_read_tag(&list.content, DER_BIT_STRING, &bits)
        || !der_bit_bytes(bits.content, &crl->signature) || !tbs_read(crl, tbs.content, &inner))
        return false;
    crl->tbs = tbs.whole;
    if (inner.left == algorithm.whole.left && memcmp(inner.at, algorithm.whole.at, inner.left) == 0)
        crl->algorithm = algorithm.whole;
    return true;
}

static void entry_extensions_read(struct crl_entry *entry, struct byte_reader extensions)
{
    struct extension extension;
    struct der_item item;
    for (size_t i = 0; i < EXTENSIONS_MAX && extension_next(&extensions, &extension); i++)
        if (extension.id == 21) {
            if (der_read_tag(&extension.value, 0x0a, &item) && item.content.left == 1)
                entry->reason = item.content.at[0];
        } else
            entry->has_unknown_critical |= extension.is_critical;
}

bool crl_entry_next(struct crl *crl, struct crl_entry *entry)
{
    struct der_item sequence, item;
    *entry = (struct crl_entry){.revoked_at = CRL_NO_TIME, .reason = CRL_REASON_NONE};
    if (!der_read_tag(&crl->entries, DER_SEQUENCE, &sequence) || !der_read_tag(&sequence.content, DER_INTEGER, &item))
        return false;
    entry->serial_number = item.content;
    if (der_read(&sequence.content, &item))
        entry->revoked_at = time_of(&item);
    if (der_read_tag(&sequence.content, DER_SEQUENCE, &item))
        entry_extensions_read(entry, item.content);
    return true;
}
