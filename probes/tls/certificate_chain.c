#include "probes/tls/certificate_chain.h"

#include "probes/base/memory.h"
#include "probes/tls/capture.h"
#include "probes/tls/certificate_unpack.h"
#include "probes/tls/messages.h"
#include "probes/tls/pool.h"

#include <stdlib.h>
#include <string.h>

void certificate_chain_clear(struct certificate_chain *chain, struct tls_pool *pool)
{
    free(chain->bytes);
    free(chain->certs);
    free(chain->own_staple);
    tls_pool_release(pool, chain->reserved);
    memset(chain, 0, sizeof *chain);
}

/* The certificates of a body that lies in the chain's own block. An empty one is none. */
static const char *list_read(struct certificate_chain *chain, struct byte_reader body, uint16_t version)
{
    struct certificate_message list;
    struct byte_reader extensions;
    struct der cert;
    size_t capacity = 0;
    if (!certificate_parse(body, version, &list))
        return "Certificate is malformed";
    while (certificate_next(&list, &cert, &extensions)) {
        if (cert.len == 0)
            return "Certificate with an empty entry";
        if (chain->count == TLS_CHAIN_CERTIFICATES_MAX)
            return TLS_CHAIN_TOO_LONG;
        if (chain->count == capacity) {
            capacity = capacity == 0 ? 4 : capacity * 2;
            chain->certs = xreallocarray(chain->certs, capacity, sizeof *chain->certs);
        }
        if (chain->count == 0) {                /* the leaf's */
            struct byte_reader staple = byte_reader_of(NULL, 0);
            certificate_extensions_parse(extensions, &staple, &chain->sct_count);
            chain->ocsp_staple = staple.at;
            chain->ocsp_staple_len = staple.left;
        }
        chain->certs[chain->count++] = cert;
    }
    return list.list.left == 0 ? NULL : "Certificate is malformed";
}

const char *certificate_chain_take(struct certificate_chain *chain, struct tls_message_reader *reader,
                                   const struct tls_message *message, uint16_t version)
{
    chain->bytes = tls_message_take(reader, message);
    if (chain->bytes == NULL)
        chain->bytes = xmemdup(message->whole.at, message->whole.left);
    return list_read(chain, byte_reader_of(chain->bytes + TLS_MESSAGE_HEADER_LEN, message->len), version);
}

const char *certificate_chain_inflate(struct certificate_chain *chain, struct tls_pool *pool,
                                      const struct tls_message *message, uint16_t version)
{
    struct compressed_certificate compressed;
    if (!compressed_certificate_parse(message->body, &compressed))
        return "CompressedCertificate is malformed";
    if (compressed.uncompressed_len > TLS_CHAIN_MAX)
        return "CompressedCertificate over the limit";
    size_t len = compressed.uncompressed_len;
    if (!tls_pool_reserve(pool, len))
        return "CompressedCertificate, and no room to inflate it";
    chain->reserved = len;
    chain->bytes = xmalloc(len + 1);
    const char *wrong = certificate_unpack(&compressed, chain->bytes);
    return wrong != NULL ? wrong : list_read(chain, byte_reader_of(chain->bytes, len), version);
}

void certificate_chain_set_one(struct certificate_chain *chain, const struct der *cert)
{
    if (cert->len == 0)
        return;
    chain->bytes = xmemdup(cert->bytes, cert->len);
    chain->certs = xcalloc(1, sizeof *chain->certs);
    chain->certs[0] = (struct der){.bytes = chain->bytes, .len = cert->len};
    chain->count = 1;
}

void certificate_chain_set_staple(struct certificate_chain *chain, struct byte_reader staple)
{
    if (staple.left == 0 || chain->own_staple != NULL)
        return;
    chain->own_staple = xmemdup(staple.at, staple.left);
    chain->ocsp_staple = chain->own_staple;
    chain->ocsp_staple_len = staple.left;
}
