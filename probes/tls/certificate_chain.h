/* The chain that a capture keeps: one block of bytes, as they came, and where its certificates lie. */
#pragma once
#include "probes/base/observation.h"
#include "probes/tls/message_reader.h"

struct tls_pool;

struct certificate_chain {
    uint8_t *bytes;                     /* the Certificate message */
    struct der *certs;
    size_t count;
    const uint8_t *ocsp_staple;         /* inside bytes, or own_staple */
    size_t ocsp_staple_len;
    uint8_t *own_staple;
    uint32_t sct_count;
    size_t reserved;                    /* of the pool */
};

void certificate_chain_clear(struct certificate_chain *chain, struct tls_pool *pool);

/* From a Certificate message: takes the reader's block, or copies the borrowed bytes. All complete certificates are
 * kept. NULL, or what is wrong with the rest. */
const char *certificate_chain_take(struct certificate_chain *chain, struct tls_message_reader *reader,
                                   const struct tls_message *message, uint16_t version);

/* From a CompressedCertificate (RFC 8879): zlib. Reserves the uncompressed size. No hello of ours asks for one, so it
 * does not wait for room in the pool. */
const char *certificate_chain_inflate(struct certificate_chain *chain, struct tls_pool *pool,
                                      const struct tls_message *message, uint16_t version);

void certificate_chain_set_one(struct certificate_chain *chain, const struct der *cert);
void certificate_chain_set_staple(struct certificate_chain *chain, struct byte_reader staple);
