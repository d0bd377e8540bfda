#include "inventory/formats/candidates.h"

#include <stdbool.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Compares each byte and its neighbours by loading the same bytes at several offsets: a hit is where all
 * comparisons hold. Each row of a pattern begins with its rare bytes, since only the frequency of the whole row
 * matters. */
#define WIDTH 32
#define AHEAD 6                 /* the farthest neighbour that a pattern looks at */

typedef uint8_t stretch __attribute__((vector_size(WIDTH)));
typedef int8_t mask __attribute__((vector_size(WIDTH)));
typedef uint64_t lanes __attribute__((vector_size(WIDTH)));

/* Vectors are passed by address: by value, the calling convention would depend on the machine. */
static inline __attribute__((always_inline)) void add_hits(const uint8_t *at, mask *hits)
{
    stretch b0, b1, b2, b3, b4, b5, b6;
    memcpy(&b0, at, WIDTH);
    memcpy(&b1, at + 1, WIDTH);
    memcpy(&b2, at + 2, WIDTH);
    memcpy(&b3, at + 3, WIDTH);
    memcpy(&b4, at + 4, WIDTH);
    memcpy(&b5, at + 5, WIDTH);
    memcpy(&b6, at + AHEAD, WIDTH);
    *hits |= (b4 == '-') & (b5 == 'B') & (b6 == 'E');
    *hits |= (b0 == 0x30) & (((b1 == 0x82) & (b4 == 0x30)) | ((b1 == 0x81) & (b3 == 0x30)) | ((b1 == 0x83) & (b5 == 0x30)));
    *hits |= (b0 == 0x30) & (((b1 == 0x82) & (b4 == 0x02) & (b5 == 0x01) & (b6 == 0x03)) | ((b1 == 0x80) & (b2 == 0x02) & (b4 == 0x03)));
    *hits |= (b0 == 0xfe) & (b1 == 0xed) & (b2 == 0xfe) & (b3 == 0xed);
    *hits |= (b0 == 'M') & (b1 == 'I') & ((b2 == 'I') | ((b2 == 'A') & ((b3 == 'G') | (b3 == 'C'))));
    *hits |= (b0 == '/') & (b1 == 'u') & (b2 == '3') & (b3 == '+');
    *hits |= (b0 == 't') & (b1 == 'L') & (b2 == 'S');
    *hits |= (b0 == 'T') & (b1 == 'F') & (b2 == 'M') & (b3 == 'w');
    *hits |= (b0 == 'v') & (b1 == '0') & (b2 == '1') & (b3 == '@');
}

static inline __attribute__((always_inline)) size_t skip(struct byte_reader bytes, size_t from)
{
    while (bytes.left - from >= 2 * WIDTH + AHEAD) {
        mask hits = {0};
        add_hits(bytes.at + from, &hits);
        add_hits(bytes.at + from + WIDTH, &hits);
        lanes any = (lanes)hits;
        if ((any[0] | any[1] | any[2] | any[3]) != 0)
            break;
        from += 2 * WIDTH;
    }
    return from;
}

static size_t skip_plain(struct byte_reader bytes, size_t from)
{
    return skip(bytes, from);
}

#if defined(__x86_64__)
/* Eight patterns at once, a bit each, by shuffles: which of them a byte allows at the first, second and third place is looked up by its
 * low and by its high half, and a hit is where one pattern is allowed at all three. Half of the plain way's work.
 *
 *     1: 30 80-83 any   2: M I A|I   4: t L S   8: T F M   16: v 0 1   32: fe ed fe   64: / u 3
 *
 * "-----BEGIN " is looked for at its fifth to seventh byte, as above: lines of dashes are frequent. */
#define BIT_DER   1
#define BIT_MI    2
#define BIT_TLS   4
#define BIT_TFM   8
#define BIT_V01   16
#define BIT_JAVA  32
#define BIT_SLASH 64

static const uint8_t low_halves[3][16] = {
    {[0x0] = BIT_DER, [0xd] = BIT_MI, [0x4] = BIT_TLS | BIT_TFM, [0x6] = BIT_V01, [0xe] = BIT_JAVA, [0xf] = BIT_SLASH},
    {[0x0] = BIT_DER | BIT_V01, [0x1] = BIT_DER, [0x2] = BIT_DER, [0x3] = BIT_DER, [0x9] = BIT_MI, [0xc] = BIT_TLS, [0x6] = BIT_TFM, [0xd] = BIT_JAVA, [0x5] = BIT_SLASH},
    {[0x0] = BIT_DER, [0x1] = BIT_DER | BIT_MI | BIT_V01, [0x2] = BIT_DER, [0x3] = BIT_DER | BIT_TLS | BIT_SLASH, [0x4] = BIT_DER, [0x5] = BIT_DER, [0x6] = BIT_DER,
     [0x7] = BIT_DER, [0x8] = BIT_DER, [0x9] = BIT_DER | BIT_MI, [0xa] = BIT_DER, [0xb] = BIT_DER, [0xc] = BIT_DER, [0xd] = BIT_DER | BIT_TFM,
     [0xe] = BIT_DER | BIT_JAVA, [0xf] = BIT_DER},
};
static const uint8_t high_halves[3][16] = {
    {[0x3] = BIT_DER, [0x4] = BIT_MI, [0x7] = BIT_TLS | BIT_V01, [0x5] = BIT_TFM, [0xf] = BIT_JAVA, [0x2] = BIT_SLASH},
    {[0x8] = BIT_DER, [0x4] = BIT_MI | BIT_TLS | BIT_TFM, [0x3] = BIT_V01, [0xe] = BIT_JAVA, [0x7] = BIT_SLASH},
    {[0x0] = BIT_DER, [0x1] = BIT_DER, [0x2] = BIT_DER, [0x3] = BIT_DER | BIT_V01 | BIT_SLASH, [0x4] = BIT_DER | BIT_MI | BIT_TFM, [0x5] = BIT_DER | BIT_TLS,
     [0x6] = BIT_DER, [0x7] = BIT_DER, [0x8] = BIT_DER, [0x9] = BIT_DER, [0xa] = BIT_DER, [0xb] = BIT_DER, [0xc] = BIT_DER, [0xd] = BIT_DER, [0xe] = BIT_DER,
     [0xf] = BIT_DER | BIT_JAVA},
};

#define AVX2 __attribute__((target("avx2")))

struct halves {
    __m256i low[3], high[3];
};

AVX2 static inline __attribute__((always_inline)) __m256i allowed_at(const struct halves *halves, const uint8_t *at, unsigned place)
{
    const __m256i nibble = _mm256_set1_epi8(0x0f);
    __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(at + place));
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
    return _mm256_and_si256(_mm256_shuffle_epi8(halves->low[place], _mm256_and_si256(bytes, nibble)), _mm256_shuffle_epi8(halves->high[place], high));
}

AVX2 static inline __attribute__((always_inline)) __m256i hits_at(const struct halves *halves, const uint8_t *at)
{
    __m256i dash = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(const void *)(at + 4)), _mm256_set1_epi8('-'));
    __m256i b = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(const void *)(at + 5)), _mm256_set1_epi8('B'));
    __m256i e = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(const void *)(at + AHEAD)), _mm256_set1_epi8('E'));
    __m256i others = _mm256_and_si256(_mm256_and_si256(allowed_at(halves, at, 0), allowed_at(halves, at, 1)), allowed_at(halves, at, 2));
    return _mm256_or_si256(others, _mm256_and_si256(_mm256_and_si256(dash, b), e));
}

AVX2 static size_t skip_avx2(struct byte_reader bytes, size_t from)
{
    struct halves halves;
    for (unsigned i = 0; i < 3; i++) {
        halves.low[i] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)low_halves[i]));
        halves.high[i] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)high_halves[i]));
    }
    while (bytes.left - from >= 2 * WIDTH + AHEAD) {
        __m256i hits = _mm256_or_si256(hits_at(&halves, bytes.at + from), hits_at(&halves, bytes.at + from + WIDTH));
        if (!_mm256_testz_si256(hits, hits))
            break;
        from += 2 * WIDTH;
    }
    return from;
}

static size_t skip_fast(struct byte_reader bytes, size_t from)
{
    return __builtin_cpu_supports("avx2") ? skip_avx2(bytes, from) : skip_plain(bytes, from);
}
#else
static size_t skip_fast(struct byte_reader bytes, size_t from)
{
    return skip_plain(bytes, from);
}
#endif

static bool has(struct byte_reader bytes, const char *text, size_t len)
{
    return bytes.left >= len && memcmp(bytes.at, text, len) == 0;
}

static bool is_der(struct byte_reader bytes)
{
    if (bytes.left < 8 || bytes.at[0] != 0x30)
        return false;
    return (bytes.at[1] == 0x82 && bytes.at[4] == 0x30) || (bytes.at[1] == 0x81 && bytes.at[3] == 0x30) ||
           (bytes.at[1] == 0x83 && bytes.at[5] == 0x30);
}

static bool is_store(struct byte_reader bytes)
{
    return has(bytes, "\x30\x80\x02\x01\x03\x30", 6) || (has(bytes, "\x30\x82", 2) && bytes.left > 8 && memcmp(bytes.at + 4, "\x02\x01\x03\x30", 4) == 0);
}

static enum candidate candidate_at(struct byte_reader bytes)
{
    switch (bytes.at[0]) {
    case '-':
        return has(bytes, "-----BEGIN ", 11) ? CANDIDATE_PEM : CANDIDATE_NONE;
    case 0x30:
        return is_der(bytes) ? CANDIDATE_DER : is_store(bytes) ? CANDIDATE_STORE : CANDIDATE_NONE;
    case 0xfe:
        return has(bytes, "\xfe\xed\xfe\xed\0\0\0", 7) ? CANDIDATE_STORE : CANDIDATE_NONE;
    case '/':
        return has(bytes, "/u3+7QAAAA", 10) ? CANDIDATE_BASE64 : CANDIDATE_NONE;
    case 'M':
        return has(bytes, "MII", 3) || has(bytes, "MIAG", 4) || has(bytes, "MIACAQMw", 8) ? CANDIDATE_BASE64 : CANDIDATE_NONE;
    case 't':
        return has(bytes, "tLS", 3) ? CANDIDATE_BASE64_PEM : CANDIDATE_NONE;
    case 'T':
        return has(bytes, "TFMwdExTMUNSVWRKVGl", 19) ? CANDIDATE_BASE64_TWICE : CANDIDATE_NONE;
    case 'v':
        return has(bytes, "v01@", 4) ? CANDIDATE_SSH : CANDIDATE_NONE;
    default:
        return CANDIDATE_NONE;
    }
}

enum candidate candidate_next(struct byte_reader bytes, size_t from, size_t *at)
{
    while (from < bytes.left) {
        from = skip_fast(bytes, from);
        size_t end = bytes.left - from > 2 * WIDTH ? from + 2 * WIDTH : bytes.left;
        for (; from < end; from++) {
            enum candidate found = candidate_at((struct byte_reader){bytes.at + from, bytes.left - from});
            if (found != CANDIDATE_NONE) {
                *at = from;
                return found;
            }
        }
    }
    *at = bytes.left;
    return CANDIDATE_NONE;
}
