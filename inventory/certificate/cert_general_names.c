/* GeneralName (RFC 5280, 4.2.1.6) and the name constraints over it (4.2.1.10): read by context tags, so that a bad
 * name hides no other. */
#include "inventory/certificate/cert_parts.h"
#include "inventory/certificate/cert_text.h"
#include "inventory/certificate/oid.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

static char *hex_text(struct byte_reader bytes)
{
    char *text = xmalloc(2 * bytes.left + 1);
    hex_format(bytes.at, bytes.left, text);
    return text;
}

static enum cert_name_kind kind_of(uint8_t tag)
{
    switch (tag) {
    case 0x81: return CERT_NAME_EMAIL;
    case 0x82: return CERT_NAME_DNS;
    case 0xa4: return CERT_NAME_DIRECTORY;
    case 0x86: return CERT_NAME_URI;
    case 0x87: return CERT_NAME_IP;
    case 0x88: return CERT_NAME_REGISTERED_ID;
    }
    return CERT_NAME_OTHER;         /* otherName, x400Address, ediPartyName, and what has no business here */
}

/* OtherName ::= SEQUENCE { type-id, [0] EXPLICIT value }, the outer tag being [0] itself. */
static bool other_name(struct cert_name *name)
{
    struct byte_reader content = name->bytes;
    struct der_item oid, outer, value;
    if (!der_read_tag(&content, DER_OID, &oid) || !der_read_tag(&content, DER_CONTEXT_0, &outer)
        || !der_read(&outer.content, &value))
        return false;
    char *text = cert_text_is_string(value.tag) ? cert_text_string(&value) : hex_text(value.whole);
    if (OID_IS(oid.content, "\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03")) {
        name->kind = CERT_NAME_UPN;
        name->text = text;
    } else if (OID_IS(oid.content, "\x2b\x06\x01\x05\x05\x07\x08\x07")) {
        name->kind = CERT_NAME_SRV;
        name->text = text;
    } else {
        char *type = oid_text(oid.content);
        name->text = xasprintf("%s=%s", type, text);
        free(type);
        free(text);
    }
    return content.left == 0;
}

bool cert_general_name(const struct der_item *item, struct cert_name *name)
{
    *name = (struct cert_name){.kind = kind_of(item->tag), .bytes = item->content};
    bool ok = true;
    switch (name->kind) {
    case CERT_NAME_DNS:
        name->text = cert_text_clean_lower(item->content.at, item->content.left);
        break;
    case CERT_NAME_EMAIL:
    case CERT_NAME_URI:
        name->text = cert_text_clean(item->content.at, item->content.left);
        break;
    case CERT_NAME_DIRECTORY: {
        bool broken;
        name->text = cert_text_name(item->content, NULL, &broken);
        ok = !broken;
        break;
    }
    case CERT_NAME_IP:
        ok = item->content.left == 4 || item->content.left == 16;
        if (ok) {
            name->address = address_from_bytes(item->content.at, item->content.left);
            name->text = xmalloc(ADDRESS_TEXT_SIZE);
            address_format(&name->address, name->text);
        }
        break;
    case CERT_NAME_REGISTERED_ID:
        name->text = oid_text(item->content);
        break;
    default:
        ok = item->tag == 0xa0 ? other_name(name) : item->tag == 0xa3 || item->tag == 0xa5;
    }
    if (name->text == NULL)
        name->text = hex_text(item->content);
    return ok;
}

bool cert_general_names_add(struct cert *cert, struct byte_reader names)
{
    struct der_item item;
    bool ok = true;
    while (der_read(&names, &item)) {
        if (cert->name_count == CERT_NAMES_MAX) {
            cert->names_omitted++;
            continue;
        }
        struct cert_name name;
        ok = cert_general_name(&item, &name) && ok;
        if ((cert->name_count & (cert->name_count - 1)) == 0)
            cert->names = xreallocarray(cert->names, cert->name_count == 0 ? 1 : 2 * cert->name_count, sizeof name);
        cert->names[cert->name_count++] = name;
        cert->san_count = cert->name_count;
    }
    return ok && names.left == 0;
}

bool cert_general_names_list(struct byte_reader names, struct cert_texts *texts)
{
    struct der_item item;
    bool ok = true;
    while (der_read(&names, &item)) {
        struct cert_name name;
        ok = cert_general_name(&item, &name) && ok;
        cert_texts_add(texts, xasprintf("%s:%s", cert_name_kind_name(name.kind), name.text));
        free(name.text);
    }
    return ok && names.left == 0;
}

/* iPAddress of a constraint is an address and a mask (RFC 5280, 4.2.1.10). */
static bool network(struct cert_subtree *subtree)
{
    size_t half = subtree->bytes.left / 2;
    char address_text[ADDRESS_TEXT_SIZE], mask_text[ADDRESS_TEXT_SIZE];
    if (subtree->bytes.left != 8 && subtree->bytes.left != 32)
        return false;
    struct address address = address_from_bytes(subtree->bytes.at, half), mask = address_from_bytes(subtree->bytes.at + half, half);
    address_format(&address, address_text);
    address_format(&mask, mask_text);
    free(subtree->text);
    subtree->text = xasprintf("%s/%s", address_text, mask_text);
    return true;
}

static bool subtrees_add(struct cert *cert, struct byte_reader list, bool excluded)
{
    struct der_item subtree, base;
    bool ok = true;
    while (der_read_tag(&list, DER_SEQUENCE, &subtree)) {
        struct cert_name name;
        if (!der_read(&subtree.content, &base)) {
            ok = false;
            continue;
        }
        bool is_ip = kind_of(base.tag) == CERT_NAME_IP;
        ok = (cert_general_name(&base, &name) || is_ip) && ok;
        struct cert_subtree added = {.excluded = excluded, .kind = name.kind, .text = name.text, .bytes = name.bytes};
        ok = (!is_ip || network(&added)) && ok;
        if (cert->subtree_count == CERT_NAMES_MAX) {
            cert->state[CERT_LIMITS] = FIELD_BROKEN;
            free(added.text);
            return false;
        }
        if ((cert->subtree_count & (cert->subtree_count - 1)) == 0)
            cert->subtrees = xreallocarray(cert->subtrees, cert->subtree_count == 0 ? 1 : 2 * cert->subtree_count, sizeof added);
        cert->subtrees[cert->subtree_count++] = added;
    }
    return ok && list.left == 0;
}

bool cert_name_constraints_parse(struct cert *cert, struct byte_reader value)
{
    struct der_item sequence, list;
    if (!der_read_tag(&value, DER_SEQUENCE, &sequence))
        return false;
    bool ok = sequence.content.left > 0;        /* an empty one is forbidden */
    while (der_read(&sequence.content, &list)) {
        if (list.tag != DER_CONTEXT_0 && list.tag != DER_CONTEXT_1)
            ok = false;
        else
            ok = subtrees_add(cert, list.content, list.tag == DER_CONTEXT_1) && ok;
    }
    return ok && sequence.content.left == 0 && value.left == 0;
}
