/* Finds PEM blocks (RFC 7468) in any text: between comments, private keys and prose, with any line ends. A block that
 * cannot be decoded is reported with its line; reading continues after it. */
#pragma once
#include "probes/base/byte_reader.h"

struct pem_block {
    char label[64];                 /* "CERTIFICATE", "X509 CRL", "PRIVATE KEY" ...; cut where longer */
    size_t line;                    /* of its BEGIN, from 1 */
    uint8_t *der;                   /* yours: free(); NULL where fault says why */
    size_t len, capacity;           /* capacity: of der, the reader's own */
    const char *fault;              /* NULL: sound */
};

struct pem_reader {
    struct byte_reader text;
    size_t line;                    /* lines read so far */
};

struct pem_reader pem_reader_of(const void *text, size_t len);

/* The next block; false when there is none left. */
bool pem_next(struct pem_reader *reader, struct pem_block *block);
