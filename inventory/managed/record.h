/* One managed certificate as a source describes it: a CA account's export, a certificate file, a table. Every text
 * may be NULL (not given). At least one of sha256, serial number with issuer, subject, common name or names is
 * present. The record owns its strings. */
#pragma once
#include "probes/base/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_NO_TIME INT64_MIN

/* As the schema names them (record_status_name()). What a source calls "active" is issued. */
enum record_status {
    STATUS_UNKNOWN, STATUS_ISSUED, STATUS_REQUESTED, STATUS_DECLINED, STATUS_REVOKED, STATUS_EXPIRED, STATUS_REPLACED,
    STATUS_COUNT
};
enum record_type { TYPE_UNKNOWN, TYPE_SERVER, TYPE_CLIENT, TYPE_SMIME, TYPE_CODE_SIGNING, TYPE_CA, TYPE_OTHER, TYPE_COUNT };

const char *record_status_name(enum record_status status);      /* "issued"; NULL of STATUS_UNKNOWN */
const char *record_type_name(enum record_type type);            /* "server"; NULL of TYPE_UNKNOWN */

struct managed_record {
    bool has_sha256, has_sha1;
    uint8_t sha256[32], sha1[20];   /* over the DER */
    bool has_spki_sha256;
    uint8_t spki_sha256[32];
    char *serial_number;            /* lower-case hex, no leading zeros */
    char *subject, *common_name, *issuer;
    char **names;                   /* subject alternative names, lower case */
    size_t name_count;
    int64_t not_before_us, not_after_us;    /* RECORD_NO_TIME: not given */
    char *location, *owner, *contacts, *environment;    /* location: places as text; contacts: addresses, each with "@" */
    char *site, *path;              /* of its places; site NULL: the import's */
    enum record_status status;
    char *status_reported;          /* in the source's own words */
    int64_t revoked_at_us, delivered_at_us;     /* RECORD_NO_TIME: not given */
    char *revocation_reason, *order_number, *request_number, *replaces, *replaced_by;
    enum record_type type;
    char *product, *validation, *term;          /* validation: DV, OV, EV, IV */
    char *requester, *department, *application, *cost_center, *servers, *installer;
    char *auto_renewal;             /* "true", "false" */
    char *key_algorithm;
    int key_bits;                   /* 0: not given */
    uint8_t *der;                   /* the certificate, if the source has it; NULL otherwise */
    size_t der_len;
    const char *file;               /* borrowed: the file it was read from */
    size_t line;                    /* from 1; 0 where the file has no lines */
};

#define RECORD_EMPTY                                                                                                       \
    ((struct managed_record){.not_before_us = RECORD_NO_TIME, .not_after_us = RECORD_NO_TIME,                              \
                             .revoked_at_us = RECORD_NO_TIME, .delivered_at_us = RECORD_NO_TIME})

void managed_record_clear(struct managed_record *record);

/* Normalise texts as sources write them, so that they can be compared. False if the text is not valid. */
bool record_set_sha256(struct managed_record *record, const char *text);      /* colons and spaces allowed */
bool record_set_sha1(struct managed_record *record, const char *text);

/* Hexadecimal with 0x, colons, blanks, a sign, "h" at its end, the ways of a spreadsheet to say "this is text" ('0a, ="0a") and
 * "serial=" ahead of it. */
bool record_set_serial_number(struct managed_record *record, const char *text);
bool record_set_decimal_serial_number(struct managed_record *record, const char *text);
/* What a record says that it replaces, or is replaced by: a serial number in any spelling becomes one as above; an order number stays. */
void record_tidy_link(char **link);

/* A list of names in any spelling: "DNS Name=a, IP Address=10.0.0.1" (Windows), "DNS:a" (openssl), "dNSName: a" (Sectigo), parted by , ;
 * | or blanks, in brackets and quotes (JSON). What is neither a DNS name nor an address (mail, URI) is left out. */
void record_add_names(struct managed_record *record, const char *list);
void record_add_name(struct managed_record *record, const char *name, size_t len);

/* Adds the addresses of mail in a text to the record's contacts, each once. */
void record_add_contacts(struct managed_record *record, const char *text);

/* SubjectPublicKeyInfo of a certificate request in PEM or DER (RFC 2986): its key is the certificate's. False if it is none. */
bool record_set_request(struct managed_record *record, const uint8_t *der, size_t len);

/* Splits a location, as "10.1.2.3:443; https://www.example:8443/x [2001:db8::1]:443", into places; returns how many. */
struct managed_place {
    struct address address;         /* len 0: a name */
    char name[256];                 /* lower case; '' where it is an address */
    uint16_t port;                  /* 0: any */
};
size_t record_places(const char *location, struct managed_place *places, size_t max);

/* Hashes what identifies the same record in the next snapshot of its source: the certificate if it is known, else
 * issuer and serial number, else subject, names, end date, order and request. 32 bytes. */
void managed_record_identity(const struct managed_record *record, uint8_t identity[32]);
