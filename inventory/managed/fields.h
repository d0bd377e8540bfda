/* The fields of a record that a column can fill, by the names that --map, profiles and messages use. */
#pragma once
#include "inventory/managed/record.h"

enum record_field {
    RECORD_SUBJECT, RECORD_COMMON_NAME, RECORD_NAMES, RECORD_SERIAL_NUMBER, RECORD_ISSUER, RECORD_NOT_BEFORE, RECORD_NOT_AFTER,
    RECORD_SHA256, RECORD_SHA1, RECORD_SPKI_SHA256, RECORD_CERTIFICATE, RECORD_REQUEST,
    RECORD_LOCATION, RECORD_HOST, RECORD_ADDRESS, RECORD_PORT, RECORD_SITE, RECORD_PATH,
    RECORD_OWNER, RECORD_CONTACTS, RECORD_REQUESTER, RECORD_DEPARTMENT, RECORD_APPLICATION, RECORD_ENVIRONMENT, RECORD_COST_CENTER,
    RECORD_STATUS, RECORD_REVOKED_AT, RECORD_REVOCATION_REASON, RECORD_ORDER_NUMBER, RECORD_REQUEST_NUMBER, RECORD_REPLACES,
    RECORD_REPLACED_BY, RECORD_TYPE, RECORD_PRODUCT, RECORD_VALIDATION, RECORD_TERM, RECORD_SERVERS, RECORD_INSTALLER,
    RECORD_DELIVERED_AT, RECORD_AUTO_RENEWAL, RECORD_KEY_ALGORITHM, RECORD_KEY_BITS, RECORD_DESCRIPTION,
    RECORD_FIELD_COUNT
};

extern const char *const record_field_names[RECORD_FIELD_COUNT + 1];     /* NULL at the end */

/* RECORD_FIELD_COUNT where there is no such field. len: of the name alone. */
enum record_field record_field_find(const char *name, size_t len);

/* Does any of these tell which certificate is meant? */
bool record_field_identifies(enum record_field field);

/* The member of a field that is kept as it is written; NULL where it is more than a text. */
char **record_text(struct managed_record *record, enum record_field field);
