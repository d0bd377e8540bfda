/* One managed certificate as a source describes it: a CA account's export, a certificate file, a table. Every text
 * may be NULL (not given). At least one of sha256, serial number with issuer, subject, common name or names is
 * present. The record owns its strings. */
#pragma once
#include "probes/base/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_NO_TIME INT64_MIN

struct managed_record {
    bool has_sha256;
    uint8_t sha256[32];             /* over the DER */
    bool has_spki_sha256;
    uint8_t spki_sha256[32];
    char *serial_number;            /* lower-case hex, no leading zeros */
    char *subject, *common_name, *issuer;
    char **names;                   /* subject alternative names, lower case */
    size_t name_count;
    int64_t not_before_us, not_after_us;    /* RECORD_NO_TIME: not given */
    char *location, *owner, *contacts, *environment;
    uint8_t *der;                   /* the certificate, if the source has it; NULL otherwise */
    size_t der_len;
    const char *file;               /* borrowed: the file it was read from */
    size_t line;                    /* from 1; 0 where the file has no lines */
};

void managed_record_clear(struct managed_record *record);

/* Normalise texts as sources write them, so that they can be compared. False if the text is not valid. */
bool record_set_sha256(struct managed_record *record, const char *text);      /* colons and spaces allowed */
bool record_set_serial_number(struct managed_record *record, const char *text);   /* hex; 0x, colons allowed */
void record_add_names(struct managed_record *record, const char *list);       /* separated by , ; or space */
void record_add_name(struct managed_record *record, const char *name, size_t len);

/* Splits a location, as "10.1.2.3:443; www.example:8443 [2001:db8::1]:443", into places; returns how many. */
struct managed_place {
    struct address address;         /* len 0: a name */
    char name[256];                 /* lower case; '' where it is an address */
    uint16_t port;                  /* 0: any */
};
size_t record_places(const char *location, struct managed_place *places, size_t max);

/* Hashes what identifies the same record in the next snapshot of its source: the certificate if it is known, else
 * issuer and serial number, else subject, names and end date. 32 bytes. */
void managed_record_identity(const struct managed_record *record, uint8_t identity[32]);
