#include "probes/tls/certificate_unpack.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

enum { ALGORITHM_ZLIB = 1, ALGORITHM_BROTLI = 2, ALGORITHM_ZSTD = 3 };

/* Each writes at most len bytes into plain and returns how many; 0 on failure. */
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

const char *certificate_unpack(const struct compressed_certificate *packed, uint8_t *plain)
{
    size_t len = packed->uncompressed_len, plain_len = 0;
    switch (packed->algorithm) {
    case ALGORITHM_ZLIB: plain_len = unpack_zlib(packed->compressed, plain, len); break;
    case ALGORITHM_BROTLI: plain_len = unpack_brotli(packed->compressed, plain, len); break;
    case ALGORITHM_ZSTD: plain_len = unpack_zstd(packed->compressed, plain, len); break;
    default: return "CompressedCertificate by an unknown algorithm";
    }
    return len != 0 && plain_len == len ? NULL : "CompressedCertificate does not inflate";
}
