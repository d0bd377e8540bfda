#include "inventory/managed/fields.h"

#include <string.h>

const char *const record_field_names[RECORD_FIELD_COUNT + 1] = {
    [RECORD_SUBJECT] = "subject",
    [RECORD_COMMON_NAME] = "common_name",
    [RECORD_NAMES] = "names",
    [RECORD_SERIAL_NUMBER] = "serial_number",
    [RECORD_ISSUER] = "issuer",
    [RECORD_NOT_BEFORE] = "not_before",
    [RECORD_NOT_AFTER] = "not_after",
    [RECORD_SHA256] = "sha256",
    [RECORD_SHA1] = "sha1",
    [RECORD_SPKI_SHA256] = "spki_sha256",
    [RECORD_CERTIFICATE] = "certificate",
    [RECORD_REQUEST] = "request",
    [RECORD_LOCATION] = "location",
    [RECORD_HOST] = "host",
    [RECORD_ADDRESS] = "address",
    [RECORD_PORT] = "port",
    [RECORD_SITE] = "site",
    [RECORD_PATH] = "path",
    [RECORD_OWNER] = "owner",
    [RECORD_CONTACTS] = "contacts",
    [RECORD_REQUESTER] = "requester",
    [RECORD_DEPARTMENT] = "department",
    [RECORD_APPLICATION] = "application",
    [RECORD_ENVIRONMENT] = "environment",
    [RECORD_COST_CENTER] = "cost_center",
    [RECORD_STATUS] = "status",
    [RECORD_REVOKED_AT] = "revoked_at",
    [RECORD_REVOCATION_REASON] = "revocation_reason",
    [RECORD_ORDER_NUMBER] = "order_number",
    [RECORD_REQUEST_NUMBER] = "request_number",
    [RECORD_REPLACES] = "replaces",
    [RECORD_REPLACED_BY] = "replaced_by",
    [RECORD_TYPE] = "type",
    [RECORD_PRODUCT] = "product",
    [RECORD_VALIDATION] = "validation",
    [RECORD_TERM] = "term",
    [RECORD_SERVERS] = "servers",
    [RECORD_INSTALLER] = "installer",
    [RECORD_DELIVERED_AT] = "delivered_at",
    [RECORD_AUTO_RENEWAL] = "auto_renewal",
    [RECORD_KEY_ALGORITHM] = "key_algorithm",
    [RECORD_KEY_BITS] = "key_bits",
    [RECORD_DESCRIPTION] = "description",
};

enum record_field record_field_find(const char *name, size_t len)
{
    size_t field = 0;
    while (field < RECORD_FIELD_COUNT && !(strlen(record_field_names[field]) == len && memcmp(record_field_names[field], name, len) == 0))
        field++;
    return (enum record_field)field;
}

bool record_field_identifies(enum record_field field)
{
    switch (field) {
    case RECORD_SUBJECT:
    case RECORD_COMMON_NAME:
    case RECORD_NAMES:
    case RECORD_SERIAL_NUMBER:
    case RECORD_SHA256:
    case RECORD_SHA1:
    case RECORD_SPKI_SHA256:
    case RECORD_CERTIFICATE:
    case RECORD_DESCRIPTION:
        return true;
    default:
        return false;
    }
}

char **record_text(struct managed_record *record, enum record_field field)
{
    switch (field) {
    case RECORD_SUBJECT: return &record->subject;
    case RECORD_COMMON_NAME: return &record->common_name;
    case RECORD_ISSUER: return &record->issuer;
    case RECORD_LOCATION: return &record->location;
    case RECORD_SITE: return &record->site;
    case RECORD_PATH: return &record->path;
    case RECORD_OWNER: return &record->owner;
    case RECORD_REQUESTER: return &record->requester;
    case RECORD_DEPARTMENT: return &record->department;
    case RECORD_APPLICATION: return &record->application;
    case RECORD_ENVIRONMENT: return &record->environment;
    case RECORD_COST_CENTER: return &record->cost_center;
    case RECORD_STATUS: return &record->status_reported;
    case RECORD_REVOCATION_REASON: return &record->revocation_reason;
    case RECORD_ORDER_NUMBER: return &record->order_number;
    case RECORD_REQUEST_NUMBER: return &record->request_number;
    case RECORD_REPLACES: return &record->replaces;
    case RECORD_REPLACED_BY: return &record->replaced_by;
    case RECORD_PRODUCT: return &record->product;
    case RECORD_TERM: return &record->term;
    case RECORD_SERVERS: return &record->servers;
    case RECORD_INSTALLER: return &record->installer;
    case RECORD_KEY_ALGORITHM: return &record->key_algorithm;
    default: return NULL;
    }
}
