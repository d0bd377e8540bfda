/* The extensions (RFC 5280, 4.2): one row per extension that we read, the rest is noted by its OID. */
#include "inventory/certificate/cert_parts.h"
#include "inventory/certificate/cert_text.h"
#include "probes/base/hex.h"
#include "probes/base/memory.h"

#include <openssl/x509v3.h>
#include <string.h>

static char *oid_text(const ASN1_OBJECT *object)
{
    char text[128];
    OBJ_obj2txt(text, sizeof text, object, 1);
    return cert_text_clean(text, strlen(text));
}

/* subjectAltName: GeneralNames by their context tags, so that one bad name hides no other. */
static void name_add(struct cert *cert, const struct der_item *item)
{
    struct cert_name name = {.kind = CERT_NAME_OTHER, .bytes = item->content};
    if (cert->name_count == CERT_NAMES_MAX) {
        cert->names_omitted++;
        return;
    }
    switch (item->tag) {
    case 0x81: name.kind = CERT_NAME_EMAIL; break;
    case 0x82: name.kind = CERT_NAME_DNS; break;
    case 0x86: name.kind = CERT_NAME_URI; break;
    case 0x87: name.kind = CERT_NAME_IP; break;
    case 0xa4: name.kind = CERT_NAME_DIRECTORY; break;
    }
    if (name.kind == CERT_NAME_DNS)
        name.text = cert_text_clean_lower(item->content.at, item->content.left);
    else if (name.kind == CERT_NAME_EMAIL || name.kind == CERT_NAME_URI)
        name.text = cert_text_clean(item->content.at, item->content.left);
    else if (name.kind == CERT_NAME_DIRECTORY)
        name.text = cert_text_name(item->content, NULL);
    else if (name.kind == CERT_NAME_IP && (item->content.left == 4 || item->content.left == 16)) {
        name.address = address_from_bytes(item->content.at, item->content.left);
        name.text = xmalloc(ADDRESS_TEXT_SIZE);
        address_format(&name.address, name.text);
    }
    if (name.text == NULL) {
        name.text = xmalloc(2 * item->content.left + 1);
        hex_format(item->content.at, item->content.left, name.text);
    }
    if ((cert->name_count & (cert->name_count - 1)) == 0)
        cert->names = xreallocarray(cert->names, cert->name_count == 0 ? 1 : 2 * cert->name_count, sizeof name);
    cert->names[cert->name_count++] = name;
    cert->san_count = cert->name_count;
}

static bool subject_alt_names(struct cert *cert, struct byte_reader value)
{
    struct der_item names, item;
    if (!der_read_tag(&value, DER_SEQUENCE, &names))
        return false;
    while (der_read(&names.content, &item))
        name_add(cert, &item);
    for (size_t i = 0; i < cert->name_count; i++)
        if (cert->names[i].kind == CERT_NAME_IP && cert->names[i].address.len == 0)
            return false;
    return names.content.left == 0 && value.left == 0;
}

static bool basic_constraints(struct cert *cert, struct byte_reader value)
{
    const unsigned char *at = value.at;
    BASIC_CONSTRAINTS *constraints = d2i_BASIC_CONSTRAINTS(NULL, &at, (long)value.left);
    bool ok = constraints != NULL && at == value.at + value.left;
    if (constraints != NULL) {
        cert->is_ca = constraints->ca != 0;
        if (constraints->pathlen != NULL)
            cert->path_len = (int)ASN1_INTEGER_get(constraints->pathlen);
    }
    BASIC_CONSTRAINTS_free(constraints);
    return ok;
}

static bool key_usage(struct cert *cert, struct byte_reader value)
{
    static const char *const names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
        "keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"};
    const unsigned char *at = value.at;
    ASN1_BIT_STRING *bits = d2i_ASN1_BIT_STRING(NULL, &at, (long)value.left);
    for (int i = 0; bits != NULL && i < 9; i++)
        if (ASN1_BIT_STRING_get_bit(bits, i))
            cert_texts_add(&cert->key_usage, xstrdup(names[i]));
    bool ok = bits != NULL;
    ASN1_BIT_STRING_free(bits);
    return ok;
}

static bool extended_key_usage(struct cert *cert, struct byte_reader value)
{
    const unsigned char *at = value.at;
    EXTENDED_KEY_USAGE *usages = d2i_EXTENDED_KEY_USAGE(NULL, &at, (long)value.left);
    for (int i = 0; usages != NULL && i < sk_ASN1_OBJECT_num(usages); i++) {
        const ASN1_OBJECT *object = sk_ASN1_OBJECT_value(usages, i);
        int nid = OBJ_obj2nid(object);
        cert_texts_add(&cert->extended_key_usage, nid == NID_undef ? oid_text(object) : xstrdup(OBJ_nid2sn(nid)));
    }
    bool ok = usages != NULL;
    EXTENDED_KEY_USAGE_free(usages);
    return ok;
}

static bool authority_key_id(struct cert *cert, struct byte_reader value)
{
    struct der_item sequence, item;
    if (!der_read_tag(&value, DER_SEQUENCE, &sequence))
        return false;
    while (der_read(&sequence.content, &item))
        if (item.tag == 0x80)
            cert->authority_key_id = item.content;
    return sequence.content.left == 0;
}

static bool subject_key_id(struct cert *cert, struct byte_reader value)
{
    struct der_item item;
    if (!der_read_tag(&value, DER_OCTET_STRING, &item))
        return false;
    cert->subject_key_id = item.content;
    return true;
}

static bool policies(struct cert *cert, struct byte_reader value)
{
    const unsigned char *at = value.at;
    CERTIFICATEPOLICIES *list = d2i_CERTIFICATEPOLICIES(NULL, &at, (long)value.left);
    for (int i = 0; list != NULL && i < sk_POLICYINFO_num(list); i++)
        cert_texts_add(&cert->policies, oid_text(sk_POLICYINFO_value(list, i)->policyid));
    bool ok = list != NULL;
    CERTIFICATEPOLICIES_free(list);
    return ok;
}

static void url_add(struct cert_texts *urls, const GENERAL_NAME *name)
{
    if (name->type == GEN_URI)
        cert_texts_add(urls, cert_text_clean(ASN1_STRING_get0_data(name->d.uniformResourceIdentifier),
                                             (size_t)ASN1_STRING_length(name->d.uniformResourceIdentifier)));
}

static bool crl_distribution_points(struct cert *cert, struct byte_reader value)
{
    const unsigned char *at = value.at;
    CRL_DIST_POINTS *points = d2i_CRL_DIST_POINTS(NULL, &at, (long)value.left);
    for (int i = 0; points != NULL && i < sk_DIST_POINT_num(points); i++) {
        const DIST_POINT_NAME *point = sk_DIST_POINT_value(points, i)->distpoint;
        if (point == NULL || point->type != 0)          /* fullName */
            continue;
        for (int j = 0; j < sk_GENERAL_NAME_num(point->name.fullname); j++)
            url_add(&cert->crl_urls, sk_GENERAL_NAME_value(point->name.fullname, j));
    }
    bool ok = points != NULL;
    CRL_DIST_POINTS_free(points);
    return ok;
}

static bool authority_info_access(struct cert *cert, struct byte_reader value)
{
    const unsigned char *at = value.at;
    AUTHORITY_INFO_ACCESS *list = d2i_AUTHORITY_INFO_ACCESS(NULL, &at, (long)value.left);
    for (int i = 0; list != NULL && i < sk_ACCESS_DESCRIPTION_num(list); i++) {
        const ACCESS_DESCRIPTION *access = sk_ACCESS_DESCRIPTION_value(list, i);
        int method = OBJ_obj2nid(access->method);
        if (method == NID_ad_OCSP)
            url_add(&cert->ocsp_urls, access->location);
        else if (method == NID_ad_ca_issuers)
            url_add(&cert->ca_issuer_urls, access->location);
    }
    bool ok = list != NULL;
    AUTHORITY_INFO_ACCESS_free(list);
    return ok;
}

static bool sct_list(struct cert *cert, struct byte_reader value)     /* RFC 6962, 3.3 */
{
    struct der_item octets;
    struct byte_reader list, sct;
    if (!der_read_tag(&value, DER_OCTET_STRING, &octets) || !byte_reader_vector16(&octets.content, &list))
        return false;
    while (byte_reader_vector16(&list, &sct))
        cert->sct_count++;
    return list.left == 0 && octets.content.left == 0;
}

static bool tls_feature(struct cert *cert, struct byte_reader value)  /* RFC 7633, 4.1 */
{
    struct der_item sequence, feature;
    if (!der_read_tag(&value, DER_SEQUENCE, &sequence))
        return false;
    while (der_read_tag(&sequence.content, DER_INTEGER, &feature))
        if (feature.content.left == 1 && feature.content.at[0] == 5)            /* status_request */
            cert->must_staple = true;
    return sequence.content.left == 0;
}

static bool precertificate_poison(struct cert *cert, struct byte_reader value)
{
    (void)value;
    return cert->is_precertificate = true;
}

static bool noted(struct cert *cert, struct byte_reader value)
{
    (void)cert;
    (void)value;
    return true;
}

static const struct {
    int nid;
    enum cert_field field;
    bool (*parse)(struct cert *cert, struct byte_reader value);       /* false: broken; what was read stays */
} known_extensions[] = {
    {NID_subject_alt_name, CERT_SUBJECT_ALT_NAMES, subject_alt_names},
    {NID_basic_constraints, CERT_BASIC_CONSTRAINTS, basic_constraints},
    {NID_key_usage, CERT_KEY_USAGE, key_usage},
    {NID_ext_key_usage, CERT_EXTENDED_KEY_USAGE, extended_key_usage},
    {NID_authority_key_identifier, CERT_AUTHORITY_KEY_ID, authority_key_id},
    {NID_subject_key_identifier, CERT_SUBJECT_KEY_ID, subject_key_id},
    {NID_certificate_policies, CERT_POLICIES, policies},
    {NID_crl_distribution_points, CERT_CRL_DISTRIBUTION_POINTS, crl_distribution_points},
    {NID_info_access, CERT_AUTHORITY_INFO_ACCESS, authority_info_access},
    {NID_ct_precert_scts, CERT_SCT_LIST, sct_list},
    {NID_tlsfeature, CERT_TLS_FEATURE, tls_feature},
    {NID_name_constraints, CERT_NAME_CONSTRAINTS, noted},
    {NID_ct_precert_poison, CERT_PRECERT_POISON, precertificate_poison},
};

static bool extension_parse(struct cert *cert, struct byte_reader extension)
{
    struct der_item oid, critical, value;
    if (!der_read_tag(&extension, DER_OID, &oid))
        return false;
    bool is_critical = der_read_tag(&extension, DER_BOOLEAN, &critical) && critical.content.left == 1
                       && critical.content.at[0] != 0;
    if (!der_read_tag(&extension, DER_OCTET_STRING, &value))
        return false;
    const unsigned char *at = oid.whole.at;
    ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &at, (long)oid.whole.left);
    if (object == NULL)
        return false;
    cert_texts_add(&cert->extensions, oid_text(object));
    if (is_critical)
        cert_texts_add(&cert->critical_extensions, oid_text(object));
    int nid = OBJ_obj2nid(object);
    ASN1_OBJECT_free(object);
    for (size_t i = 0; i < sizeof known_extensions / sizeof *known_extensions; i++) {
        enum field *state = &cert->state[known_extensions[i].field];
        if (known_extensions[i].nid != nid)
            continue;
        bool first = *state == FIELD_ABSENT;    /* a second one of a kind is a fault (RFC 5280, 4.2); the first counts */
        *state = first && known_extensions[i].parse(cert, value.content) ? FIELD_PRESENT : FIELD_BROKEN;
    }
    return extension.left == 0;
}

void cert_extensions_parse(struct cert *cert, struct byte_reader extensions)
{
    struct der_item list, extension;
    cert->state[CERT_EXTENSIONS] = FIELD_BROKEN;
    if (!der_read_tag(&extensions, DER_SEQUENCE, &list))
        return;
    bool ok = true;
    while (der_read_tag(&list.content, DER_SEQUENCE, &extension))
        ok = extension_parse(cert, extension.content) && ok;
    if (ok && list.content.left == 0 && extensions.left == 0)
        cert->state[CERT_EXTENSIONS] = FIELD_PRESENT;
}
