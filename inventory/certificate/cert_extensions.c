/* The extensions (RFC 5280, 4.2): one table row per extension that we read; of others only the OID is kept. In each list a
 * broken element is skipped. */
#include "inventory/certificate/cert_parts.h"
#include "inventory/certificate/cert_text.h"
#include "inventory/certificate/oid.h"
#include "probes/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* The inside of the one SEQUENCE that an extension's value is. */
static bool sequence_of(struct byte_reader value, struct byte_reader *content)
{
    struct der_item sequence;
    if (!der_read_tag(&value, DER_SEQUENCE, &sequence) || value.left > 0)
        return false;
    *content = sequence.content;
    return true;
}

/* SEQUENCE OF OBJECT IDENTIFIER, as names. */
static bool oids(struct byte_reader value, struct cert_texts *texts)
{
    struct byte_reader list;
    struct der_item item;
    if (!sequence_of(value, &list))
        return false;
    bool ok = list.left > 0;
    while (der_read(&list, &item)) {
        if (item.tag == DER_OID && item.content.left > 0)
            cert_texts_add(texts, oid_label(item.content));
        else
            ok = false;
    }
    return ok && list.left == 0;
}

static bool subject_alt_names(struct cert *cert, struct byte_reader value)
{
    struct der_item names;
    return der_read_tag(&value, DER_SEQUENCE, &names) && cert_general_names_add(cert, names.content) && value.left == 0
           && names.content.left > 0;           /* at least one (RFC 5280, 4.2.1.6) */
}

static bool issuer_alt_names(struct cert *cert, struct byte_reader value)
{
    struct byte_reader names;
    return sequence_of(value, &names) && cert_general_names_list(names, &cert->issuer_alt_names);
}

static bool basic_constraints(struct cert *cert, struct byte_reader value)
{
    struct byte_reader inside;
    struct der_item item;
    if (!sequence_of(value, &inside))
        return false;
    bool ok = true;
    if (der_read_tag(&inside, DER_BOOLEAN, &item)) {
        ok = item.content.left == 1;
        cert->is_ca = ok && item.content.at[0] != 0;
    }
    if (der_read_tag(&inside, DER_INTEGER, &item)) {
        int64_t path_len;
        if (der_int64(item.content, &path_len) && path_len >= 0)
            cert->path_len = path_len;
        else
            ok = false;
    }
    return ok && inside.left == 0;
}

static bool key_usage(struct cert *cert, struct byte_reader value)
{
    static const char *const names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
        "keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"};
    struct der_item bits;
    if (!der_read_tag(&value, DER_BIT_STRING, &bits) || bits.content.left == 0 || bits.content.at[0] > 7)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (der_bit(bits.content, i))
            cert_texts_add(&cert->key_usage, xstrdup(names[i]));
    return value.left == 0 && cert->key_usage.count > 0;        /* at least one bit (RFC 5280, 4.2.1.3) */
}

static bool extended_key_usage(struct cert *cert, struct byte_reader value)
{
    return oids(value, &cert->extended_key_usage);
}

static bool authority_key_id(struct cert *cert, struct byte_reader value)
{
    struct byte_reader inside;
    struct der_item item;
    if (!sequence_of(value, &inside))
        return false;
    while (der_read(&inside, &item))
        if (item.tag == 0x80)
            cert->authority_key_id = item.content;
    return inside.left == 0;
}

static bool subject_key_id(struct cert *cert, struct byte_reader value)
{
    struct der_item item;
    if (!der_read_tag(&value, DER_OCTET_STRING, &item))
        return false;
    cert->subject_key_id = item.content;
    return value.left == 0;
}

/* UserNotice (RFC 5280, 4.2.1.4): the text is what people read. */
static char *notice_text(struct byte_reader notice)
{
    struct der_item item;
    while (der_read(&notice, &item))
        if (cert_text_is_string(item.tag))
            return cert_text_string(&item);
    return NULL;
}

static bool qualifier_add(struct cert *cert, const char *policy, struct byte_reader qualifier)
{
    struct der_item oid, value;
    if (!der_read_tag(&qualifier, DER_OID, &oid) || !der_read(&qualifier, &value))
        return false;
    bool is_cps = OID_IS(oid.content, "\x2b\x06\x01\x05\x05\x07\x02\x01");
    bool is_notice = OID_IS(oid.content, "\x2b\x06\x01\x05\x05\x07\x02\x02");
    char *text = is_cps && cert_text_is_string(value.tag) ? cert_text_string(&value)
                 : is_notice && value.tag == DER_SEQUENCE ? notice_text(value.content) : NULL;
    if (text != NULL)
        cert_texts_add(&cert->policy_qualifiers, xasprintf("%s %s=%s", policy, is_cps ? "cps" : "notice", text));
    bool ok = text != NULL || (is_notice && value.tag == DER_SEQUENCE) || (!is_cps && !is_notice);
    free(text);
    return ok && qualifier.left == 0;
}

static bool policy_add(struct cert *cert, struct byte_reader policy)
{
    struct der_item oid, qualifiers, qualifier;
    if (!der_read_tag(&policy, DER_OID, &oid))
        return false;
    char *text = oid_text(oid.content);
    cert_texts_add(&cert->policies, xstrdup(text));
    bool ok = true;
    if (policy.left > 0) {
        ok = der_read_tag(&policy, DER_SEQUENCE, &qualifiers) && qualifiers.content.left > 0;
        while (ok && der_read_tag(&qualifiers.content, DER_SEQUENCE, &qualifier))
            ok = qualifier_add(cert, text, qualifier.content);
        ok = ok && qualifiers.content.left == 0;
    }
    free(text);
    return ok && policy.left == 0;
}

static bool policies(struct cert *cert, struct byte_reader value)
{
    struct byte_reader list;
    struct der_item policy;
    if (!sequence_of(value, &list))
        return false;
    bool ok = list.left > 0;
    while (der_read(&list, &policy))
        ok = policy.tag == DER_SEQUENCE && policy_add(cert, policy.content) && ok;
    return ok && list.left == 0;
}

/* DistributionPoint (RFC 5280, 4.2.1.13): URLs of the full name, and the reasons that it is limited to. */
static bool point_add(struct cert_texts *urls, struct cert_texts *reasons, struct byte_reader point)
{
    static const char *const names[] = {"unused", "keyCompromise", "cACompromise", "affiliationChanged", "superseded",
        "cessationOfOperation", "certificateHold", "privilegeWithdrawn", "aACompromise"};
    struct der_item field, name, general;
    bool ok = true;
    while (der_read(&point, &field)) {
        if (field.tag == DER_CONTEXT_0 && der_read(&field.content, &name) && name.tag == DER_CONTEXT_0)
            while (der_read(&name.content, &general)) {
                if (general.tag == 0x86)
                    cert_texts_add(urls, cert_text_clean(general.content.at, general.content.left));
            }
        else if (field.tag == 0x81 && reasons != NULL)
            for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                if (der_bit(field.content, i))
                    cert_texts_add(reasons, xstrdup(names[i]));
            }
        ok = ok && (field.tag == DER_CONTEXT_0 || field.tag == 0x81 || field.tag == DER_CONTEXT_2);
    }
    return ok && point.left == 0;
}

static bool points(struct byte_reader value, struct cert_texts *urls, struct cert_texts *reasons)
{
    struct byte_reader list;
    struct der_item point;
    if (!sequence_of(value, &list))
        return false;
    bool ok = list.left > 0;
    while (der_read(&list, &point))
        ok = point.tag == DER_SEQUENCE && point_add(urls, reasons, point.content) && ok;
    return ok && list.left == 0;
}

static bool crl_distribution_points(struct cert *cert, struct byte_reader value)
{
    return points(value, &cert->crl_urls, &cert->crl_reasons);
}

static bool freshest_crl(struct cert *cert, struct byte_reader value)
{
    return points(value, &cert->freshest_crl_urls, NULL);
}

/* AccessDescription (RFC 5280, 4.2.2.1). */
static bool access_add(struct cert *cert, struct byte_reader description)
{
    struct der_item method, location;
    struct cert_name name;
    if (!der_read_tag(&description, DER_OID, &method) || !der_read(&description, &location))
        return false;
    bool ok = cert_general_name(&location, &name);
    struct cert_texts *urls = OID_IS(method.content, "\x2b\x06\x01\x05\x05\x07\x30\x01")   ? &cert->ocsp_urls
                              : OID_IS(method.content, "\x2b\x06\x01\x05\x05\x07\x30\x02") ? &cert->ca_issuer_urls : NULL;
    if (urls != NULL && name.kind == CERT_NAME_URI) {
        cert_texts_add(urls, name.text);
        name.text = NULL;
    } else {
        char *label = oid_label(method.content);
        cert_texts_add(&cert->access_methods, xasprintf("%s=%s", label, name.text));
        free(label);
    }
    free(name.text);
    return ok && description.left == 0;
}

static bool access_descriptions(struct cert *cert, struct byte_reader value)
{
    struct byte_reader list;
    struct der_item description;
    if (!sequence_of(value, &list))
        return false;
    bool ok = list.left > 0;
    while (der_read(&list, &description))
        ok = description.tag == DER_SEQUENCE && access_add(cert, description.content) && ok;
    return ok && list.left == 0;
}

static bool sct_read(struct cert *cert, struct byte_reader sct)      /* RFC 6962, 3.2 */
{
    uint8_t version = 0;
    uint64_t time;
    struct cert_sct read;
    cert->sct_count++;
    if (!byte_reader_u8(&sct, &version) || version != 0 || !byte_reader_bytes(&sct, 32, &read.log_id)
        || !byte_reader_u64(&sct, &time) || time > INT64_MAX / 1000)
        return version != 0;        /* another version has another form */
    read.time_ms = (int64_t)time;
    if (cert->scts_kept == CERT_LIST_MAX)
        return true;
    if ((cert->scts_kept & (cert->scts_kept - 1)) == 0)
        cert->scts = xreallocarray(cert->scts, cert->scts_kept == 0 ? 1 : 2 * cert->scts_kept, sizeof read);
    cert->scts[cert->scts_kept++] = read;
    return true;
}

static bool sct_list(struct cert *cert, struct byte_reader value)    /* RFC 6962, 3.3 */
{
    struct der_item octets;
    struct byte_reader list, sct;
    if (!der_read_tag(&value, DER_OCTET_STRING, &octets) || !byte_reader_vector16(&octets.content, &list))
        return false;
    bool ok = list.left > 0;        /* an empty list is none */
    while (byte_reader_vector16(&list, &sct))
        ok = sct_read(cert, sct) && ok;
    return ok && list.left == 0 && octets.content.left == 0 && value.left == 0;
}

static bool tls_feature(struct cert *cert, struct byte_reader value)  /* RFC 7633, 4.1 */
{
    struct byte_reader list;
    struct der_item feature;
    if (!sequence_of(value, &list))
        return false;
    while (der_read_tag(&list, DER_INTEGER, &feature))
        if (feature.content.left == 1 && feature.content.at[0] == 5)            /* status_request */
            cert->must_staple = true;
    return list.left == 0;
}

/* QCStatement (RFC 3739, 3.2.6); QcType (ETSI EN 319 412-5, 4.2.3) has its OIDs inside. */
static bool statement_add(struct cert *cert, struct byte_reader statement)
{
    struct der_item oid, types, type;
    if (!der_read_tag(&statement, DER_OID, &oid))
        return false;
    char *text = oid_text(oid.content);
    bool ok = true;
    if (OID_IS(oid.content, "\x04\x00\x8e\x46\x01\x06") && (ok = der_read_tag(&statement, DER_SEQUENCE, &types)))
        while (der_read_tag(&types.content, DER_OID, &type)) {
            char *inside = oid_text(type.content);
            cert_texts_add(&cert->qc_statements, xasprintf("%s=%s", text, inside));
            free(inside);
        }
    else
        cert_texts_add(&cert->qc_statements, xstrdup(text));
    free(text);
    return ok;
}

static bool qc_statements(struct cert *cert, struct byte_reader value)
{
    struct byte_reader list;
    struct der_item statement;
    if (!sequence_of(value, &list))
        return false;
    bool ok = true;
    while (der_read(&list, &statement))
        ok = statement.tag == DER_SEQUENCE && statement_add(cert, statement.content) && ok;
    return ok && list.left == 0;
}

static bool precertificate_poison(struct cert *cert, struct byte_reader value)
{
    cert->is_precertificate = true;
    return value.left == 2 && memcmp(value.at, "\x05\x00", 2) == 0;
}

static const struct {
    const char *oid;
    size_t oid_len;
    enum cert_field field;
    bool (*parse)(struct cert *cert, struct byte_reader value);       /* false: broken; what was read stays */
} known_extensions[] = {
#define KNOWN(literal, field, parse) {literal, sizeof(literal) - 1, field, parse}
    KNOWN("\x55\x1d\x11", CERT_SUBJECT_ALT_NAMES, subject_alt_names),
    KNOWN("\x55\x1d\x12", CERT_ISSUER_ALT_NAMES, issuer_alt_names),
    KNOWN("\x55\x1d\x13", CERT_BASIC_CONSTRAINTS, basic_constraints),
    KNOWN("\x55\x1d\x0f", CERT_KEY_USAGE, key_usage),
    KNOWN("\x55\x1d\x25", CERT_EXTENDED_KEY_USAGE, extended_key_usage),
    KNOWN("\x55\x1d\x23", CERT_AUTHORITY_KEY_ID, authority_key_id),
    KNOWN("\x55\x1d\x0e", CERT_SUBJECT_KEY_ID, subject_key_id),
    KNOWN("\x55\x1d\x20", CERT_POLICIES, policies),
    KNOWN("\x55\x1d\x1f", CERT_CRL_DISTRIBUTION_POINTS, crl_distribution_points),
    KNOWN("\x55\x1d\x2e", CERT_FRESHEST_CRL, freshest_crl),
    KNOWN("\x55\x1d\x1e", CERT_NAME_CONSTRAINTS, cert_name_constraints_parse),
    KNOWN("\x2b\x06\x01\x05\x05\x07\x01\x01", CERT_AUTHORITY_INFO_ACCESS, access_descriptions),
    KNOWN("\x2b\x06\x01\x05\x05\x07\x01\x0b", CERT_SUBJECT_INFO_ACCESS, access_descriptions),
    KNOWN("\x2b\x06\x01\x05\x05\x07\x01\x03", CERT_QC_STATEMENTS, qc_statements),
    KNOWN("\x2b\x06\x01\x05\x05\x07\x01\x18", CERT_TLS_FEATURE, tls_feature),
    KNOWN("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02", CERT_SCT_LIST, sct_list),
    KNOWN("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x03", CERT_PRECERT_POISON, precertificate_poison),
};

static bool contains(const struct cert_texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (strcmp(texts->items[i], text) == 0)
            return true;
    return false;
}

/* What the certificate says twice is a fault (RFC 5280, 4.2), and still all of it is read: nothing may hide there. */
static void extension_note(struct cert *cert, const struct cert_extension *extension)
{
    char *text = oid_text(extension->oid);
    if (cert->extension_count < CERT_LIST_MAX) {
        if ((cert->extension_count & (cert->extension_count - 1)) == 0)
            cert->extension_items = xreallocarray(cert->extension_items, cert->extension_count == 0 ? 1 : 2 * cert->extension_count,
                                                  sizeof *extension);
        cert->extension_items[cert->extension_count++] = *extension;
    }
    if (contains(&cert->extensions, text)) {
        if (!contains(&cert->duplicate_extensions, text))
            cert_texts_add(&cert->duplicate_extensions, xstrdup(text));
    } else {
        cert_texts_add(&cert->extensions, xstrdup(text));
    }
    if (extension->is_critical && !contains(&cert->critical_extensions, text))
        cert_texts_add(&cert->critical_extensions, xstrdup(text));
    free(text);
}

static bool extension_parse(struct cert *cert, const struct der_item *item)
{
    struct byte_reader extension = item->content;
    struct der_item oid, critical, value;
    if (!der_read_tag(&extension, DER_OID, &oid))
        return false;
    bool has_critical = der_read_tag(&extension, DER_BOOLEAN, &critical);
    bool is_critical = has_critical && critical.content.left == 1 && critical.content.at[0] != 0;
    if (!der_read_tag(&extension, DER_OCTET_STRING, &value))
        return false;
    extension_note(cert, &(struct cert_extension){item->whole, oid.content, value.content, is_critical});
    for (size_t i = 0; i < sizeof known_extensions / sizeof *known_extensions; i++) {
        enum field *state = &cert->state[known_extensions[i].field];
        if (oid.content.left != known_extensions[i].oid_len || memcmp(oid.content.at, known_extensions[i].oid, oid.content.left) != 0)
            continue;
        bool first = *state == FIELD_ABSENT;
        *state = known_extensions[i].parse(cert, value.content) && first ? FIELD_PRESENT : FIELD_BROKEN;
    }
    return extension.left == 0 && (!has_critical || critical.content.left == 1);
}

void cert_extensions_parse(struct cert *cert, struct byte_reader extensions)
{
    struct der_item list, extension;
    cert->state[CERT_EXTENSIONS] = FIELD_BROKEN;
    if (!der_read_tag(&extensions, DER_SEQUENCE, &list))
        return;
    bool ok = list.content.left > 0;
    while (der_read(&list.content, &extension))
        ok = extension.tag == DER_SEQUENCE && extension_parse(cert, &extension) && ok;
    if (ok && list.content.left == 0 && extensions.left == 0 && cert->duplicate_extensions.count == 0)
        cert->state[CERT_EXTENSIONS] = FIELD_PRESENT;
}
