/* Certificates by the million: real ones, signed by real CAs, made by patching a template and signing it again (some
 * 60 us each). Number n of issue i is the same certificate whenever it is asked for, in one run. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATE_CAS 50                /* issuing CAs, the first 10 of them the agency's own */
#define STATE_ROOTS 5               /* the first of them the agency's own */

struct state_certs;

struct state_certs *state_certs_create(unsigned count);
void state_certs_destroy(struct state_certs *certs);

struct state_leaf {
    const uint8_t *der;             /* borrowed until the next call */
    size_t len;
    unsigned ca;
};
struct state_leaf state_certs_leaf(struct state_certs *certs, unsigned number, unsigned issue);

/* The name that it is for: as long as the number has digits for. */
#define STATE_NAME_SIZE 40
void state_certs_name(unsigned number, char name[STATE_NAME_SIZE]);
void state_certs_serial(unsigned number, unsigned issue, char hex[33]);
const char *state_certs_issuer(unsigned ca);            /* "O=Agency,CN=Agency CA 3" */

const uint8_t *state_certs_ca(const struct state_certs *certs, unsigned ca, size_t *len);       /* DER */
char *state_certs_root_pem(const struct state_certs *certs, unsigned root);                     /* yours */
