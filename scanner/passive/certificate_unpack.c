#include "scanner/passive/certificate_unpack.h"

#include "probes/base/memory.h"
#include "probes/tls/messages.h"

#include <brotli/decode.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { ALGORITHM_ZLIB = 1, ALGORITHM_BROTLI = 2, ALGORITHM_ZSTD = 3 };

/* Each writes into plain, never more than len bytes, and says how many: 0 where it fails. */
static size_t unpack_zlib(struct byte_reader packed, uint8_t *plain, size_t len)
{
    uLongf plain_len = len;
    return uncompress(plain, &plain_len, packed.at, packed.left) == Z_OK ? plain_len : 0;
}

static size_t unpack_brotli(struct byte_reader packed, uint8_t *plain, size_t len)
{
    return BrotliDecoderDecompress(packed.left, packed.at, &len, plain) == BROTLI_DECODER_RESULT_SUCCESS ? len
                                                                                                         : 0;
}

static size_t unpack_zstd(struct byte_reader packed, uint8_t *plain, size_t len)
{
    size_t plain_len = ZSTD_decompress(plain, len, packed.at, packed.left);
    return ZSTD_isError(plain_len) ? 0 : plain_len;
}

static size_t unpack(uint16_t algorithm, struct byte_reader packed, uint8_t *plain, size_t len)
{
    switch (algorithm) {
    case ALGORITHM_ZLIB: return unpack_zlib(packed, plain, len);
    case ALGORITHM_BROTLI: return unpack_brotli(packed, plain, len);
    case ALGORITHM_ZSTD: return unpack_zstd(packed, plain, len);
    default: return 0;
    }
}

uint8_t *certificate_unpack(struct byte_reader body, size_t *len)
{
    struct compressed_certificate packed;
    if (!compressed_certificate_parse(body, &packed) || packed.uncompressed_len == 0 ||
        packed.uncompressed_len > CERTIFICATE_UNPACKED_MAX)
        return NULL;
    *len = packed.uncompressed_len;
    uint8_t *plain = xcalloc(1, *len);
    if (unpack(packed.algorithm, packed.compressed, plain, *len) == *len)
        return plain;
    free(plain);
    return NULL;
}
