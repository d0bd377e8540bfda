#include "inventory/formats/candidates.h"

#include "inventory/formats/text_bytes.h"

#include <stdbool.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define WIDTH 32
#define SHORT_KEY_BACK 3        /* where base64 of a short key begins, before what is looked for */
#define AHEAD 6                 /* the farthest neighbour that a pattern looks at */

/* Eight patterns at once in each of two groups, a bit each, which of them a byte allows at the first, second and third place is looked up by
 * its low and by its high half, and a hit is where one pattern is allowed at all three.
 *
 *     1: 30 80-83 any   2: M I A|I|G|H   4: t L S   8: T F M, H 4 s, S D R   16: v 0 1   32: fe ed fe, C A Q   64: / u 3   128: 30 20-7f 02
 *
 * and as text ("0" stands for the digit, 00 for the byte):
 *
 *     1: 3 0 8   2: d 4 2   4: x 8|4 1|2   8: 0|d ,|-|blank 8|4   16: 0|d : 8|4   32: 4 8|5 ,|blank|u   64: B|M|t 00 E|I|L   128: e 00 x
 *
 * "-----BEGIN " is looked for at its fifth to seventh byte: lines of dashes are frequent. */
#define BIT_DER   1
#define BIT_MI    2
#define BIT_TLS   4
#define BIT_TFM   8
#define BIT_V01   16
#define BIT_JAVA  32
#define BIT_SLASH 64
#define BIT_SHORT 128

#define BIT_HEX     1
#define BIT_HEX_PEM 2
#define BIT_X       4
#define BIT_COMMA   8
#define BIT_COLON   16
#define BIT_DECIMAL 32
#define BIT_WIDE    64
#define BIT_WIDE_X  128

static const uint8_t low_halves[3][16] = {
    {[0x0] = BIT_DER | BIT_SHORT, [0x3] = BIT_TFM | BIT_JAVA, [0x4] = BIT_TLS | BIT_TFM, [0x6] = BIT_V01, [0x8] = BIT_TFM, [0xd] = BIT_MI,
     [0xe] = BIT_JAVA, [0xf] = BIT_SLASH},
    {[0x0] = BIT_DER | BIT_V01 | BIT_SHORT, [0x1] = BIT_DER | BIT_JAVA | BIT_SHORT, [0x2] = BIT_DER | BIT_SHORT, [0x3] = BIT_DER | BIT_SHORT,
     [0x4] = BIT_TFM | BIT_SHORT, [0x5] = BIT_SLASH | BIT_SHORT, [0x6] = BIT_TFM | BIT_SHORT, [0x7] = BIT_SHORT, [0x8] = BIT_SHORT,
     [0x9] = BIT_MI | BIT_SHORT, [0xa] = BIT_SHORT, [0xb] = BIT_SHORT, [0xc] = BIT_TLS | BIT_SHORT, [0xd] = BIT_JAVA | BIT_SHORT, [0xe] = BIT_SHORT,
     [0xf] = BIT_SHORT},
    {[0x0] = BIT_DER, [0x1] = BIT_DER | BIT_MI | BIT_V01 | BIT_JAVA, [0x2] = BIT_DER | BIT_TFM | BIT_SHORT,
     [0x3] = BIT_DER | BIT_TLS | BIT_TFM | BIT_SLASH, [0x4] = BIT_DER, [0x5] = BIT_DER, [0x6] = BIT_DER, [0x7] = BIT_DER | BIT_MI,
     [0x8] = BIT_DER | BIT_MI, [0x9] = BIT_DER | BIT_MI, [0xa] = BIT_DER, [0xb] = BIT_DER, [0xc] = BIT_DER, [0xd] = BIT_DER | BIT_TFM,
     [0xe] = BIT_DER | BIT_JAVA, [0xf] = BIT_DER},
};
static const uint8_t high_halves[3][16] = {
    {[0x2] = BIT_SLASH, [0x3] = BIT_DER | BIT_SHORT, [0x4] = BIT_MI | BIT_TFM | BIT_JAVA, [0x5] = BIT_TFM, [0x7] = BIT_TLS | BIT_V01,
     [0xf] = BIT_JAVA},
    {[0x2] = BIT_SHORT, [0x3] = BIT_TFM | BIT_V01 | BIT_SHORT, [0x4] = BIT_MI | BIT_TLS | BIT_TFM | BIT_JAVA | BIT_SHORT, [0x5] = BIT_SHORT,
     [0x6] = BIT_SHORT, [0x7] = BIT_SLASH | BIT_SHORT, [0x8] = BIT_DER, [0xe] = BIT_JAVA},
    {[0x0] = BIT_DER | BIT_SHORT, [0x1] = BIT_DER, [0x2] = BIT_DER, [0x3] = BIT_DER | BIT_V01 | BIT_SLASH, [0x4] = BIT_DER | BIT_MI | BIT_TFM,
     [0x5] = BIT_DER | BIT_TLS | BIT_TFM | BIT_JAVA, [0x6] = BIT_DER, [0x7] = BIT_DER | BIT_TFM, [0x8] = BIT_DER, [0x9] = BIT_DER, [0xa] = BIT_DER,
     [0xb] = BIT_DER, [0xc] = BIT_DER, [0xd] = BIT_DER, [0xe] = BIT_DER, [0xf] = BIT_DER | BIT_JAVA},
};

static const uint8_t text_low_halves[3][16] = {
    {[0x0] = BIT_COMMA | BIT_COLON, [0x2] = BIT_WIDE, [0x3] = BIT_HEX, [0x4] = BIT_HEX_PEM | BIT_COMMA | BIT_COLON | BIT_DECIMAL | BIT_WIDE, [0x5] = BIT_WIDE_X, [0x8] = BIT_X,
     [0xd] = BIT_WIDE},
    {[0x0] = BIT_HEX | BIT_COMMA | BIT_WIDE | BIT_WIDE_X, [0x4] = BIT_HEX_PEM | BIT_X, [0x5] = BIT_DECIMAL, [0x8] = BIT_X | BIT_DECIMAL, [0xa] = BIT_COLON, [0xc] = BIT_COMMA,
     [0xd] = BIT_COMMA},
    {[0x0] = BIT_DECIMAL, [0x1] = BIT_X, [0x2] = BIT_HEX_PEM | BIT_X, [0x4] = BIT_COMMA | BIT_COLON, [0x5] = BIT_WIDE | BIT_DECIMAL,
     [0x8] = BIT_HEX | BIT_COMMA | BIT_COLON | BIT_WIDE_X,
     [0x9] = BIT_WIDE, [0xc] = BIT_DECIMAL | BIT_WIDE},
};
static const uint8_t text_high_halves[3][16] = {
    {[0x3] = BIT_HEX | BIT_COMMA | BIT_COLON | BIT_DECIMAL, [0x4] = BIT_HEX_PEM | BIT_COMMA | BIT_COLON | BIT_WIDE, [0x5] = BIT_X,
     [0x6] = BIT_HEX_PEM | BIT_COMMA | BIT_COLON | BIT_WIDE_X, [0x7] = BIT_X | BIT_WIDE},
    {[0x0] = BIT_WIDE | BIT_WIDE_X, [0x2] = BIT_COMMA, [0x3] = BIT_HEX | BIT_HEX_PEM | BIT_X | BIT_COLON | BIT_DECIMAL},
    {[0x2] = BIT_DECIMAL, [0x3] = BIT_HEX | BIT_HEX_PEM | BIT_X | BIT_COMMA | BIT_COLON, [0x4] = BIT_WIDE, [0x7] = BIT_WIDE_X | BIT_DECIMAL},
};

static unsigned allowed_by(const uint8_t *at, unsigned place)
{
    unsigned low = at[place] & 15u, high = at[place] >> 4;
    return (unsigned)(low_halves[place][low] & high_halves[place][high]) | (unsigned)(text_low_halves[place][low] & text_high_halves[place][high]) << 8;
}

static bool may_begin(const uint8_t *at)
{
    unsigned allowed = allowed_by(at, 0);
    if (allowed != 0 && (allowed & allowed_by(at, 1) & allowed_by(at, 2)) != 0)
        return true;
    return at[0] == '-' && at[4] == '-' && at[5] == 'B' && at[6] == 'E';
}

/* The same without vectors. */
static size_t skip_plain(struct byte_reader bytes, size_t from, uint64_t *hits)
{
    for (; bytes.left - from >= 2 * WIDTH + AHEAD; from += 2 * WIDTH) {
        *hits = 0;
        for (unsigned i = 0; i < 2 * WIDTH; i++)
            *hits |= (uint64_t)may_begin(bytes.at + from + i) << i;
        if (*hits != 0)
            return from;
    }
    *hits = UINT64_MAX;
    return from;
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

struct halves {
    __m256i low[3], high[3];
};

/* Both groups: *text takes what the second one allows. */
AVX2 static inline __attribute__((always_inline)) __m256i allowed_at(const struct halves groups[2], const uint8_t *at, unsigned place, __m256i *text)
{
    const __m256i nibble = _mm256_set1_epi8(0x0f);
    __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(at + place));
    __m256i low = _mm256_and_si256(bytes, nibble), high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
    *text = _mm256_and_si256(*text, _mm256_and_si256(_mm256_shuffle_epi8(groups[1].low[place], low), _mm256_shuffle_epi8(groups[1].high[place], high)));
    return _mm256_and_si256(_mm256_shuffle_epi8(groups[0].low[place], low), _mm256_shuffle_epi8(groups[0].high[place], high));
}

AVX2 static inline __attribute__((always_inline)) __m256i hits_at(const struct halves groups[2], const uint8_t *at)
{
    __m256i dash = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(const void *)(at + 4)), _mm256_set1_epi8('-'));
    __m256i b = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(const void *)(at + 5)), _mm256_set1_epi8('B'));
    __m256i e = _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(const void *)(at + AHEAD)), _mm256_set1_epi8('E'));
    __m256i text = _mm256_set1_epi8(-1), bare = _mm256_set1_epi8(-1);
    for (unsigned place = 0; place < 3; place++)
        bare = _mm256_and_si256(bare, allowed_at(groups, at, place, &text));
    return _mm256_or_si256(_mm256_or_si256(bare, text), _mm256_and_si256(_mm256_and_si256(dash, b), e));
}

AVX2 static __m256i load_half(const uint8_t half[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)half));
}

/* *hits: a bit for each place of the stretch where a pattern is. */
AVX2 static size_t skip_avx2(struct byte_reader bytes, size_t from, uint64_t *hits)
{
    struct halves groups[2];
    for (unsigned i = 0; i < 3; i++) {
        groups[0].low[i] = load_half(low_halves[i]);
        groups[0].high[i] = load_half(high_halves[i]);
        groups[1].low[i] = load_half(text_low_halves[i]);
        groups[1].high[i] = load_half(text_high_halves[i]);
    }
    const __m256i none = _mm256_setzero_si256();
    for (; bytes.left - from >= 2 * WIDTH + AHEAD; from += 2 * WIDTH) {
        __m256i first = hits_at(groups, bytes.at + from), second = hits_at(groups, bytes.at + from + WIDTH), any = _mm256_or_si256(first, second);
        if (_mm256_testz_si256(any, any))
            continue;
        *hits = (uint64_t)(uint32_t)~_mm256_movemask_epi8(_mm256_cmpeq_epi8(first, none)) | (uint64_t)(uint32_t)~_mm256_movemask_epi8(_mm256_cmpeq_epi8(second, none)) << 32;
        return from;
    }
    *hits = UINT64_MAX;
    return from;
}

static size_t skip_fast(struct byte_reader bytes, size_t from, uint64_t *hits)
{
    return __builtin_cpu_supports("avx2") ? skip_avx2(bytes, from, hits) : skip_plain(bytes, from, hits);
}
#else
static size_t skip_fast(struct byte_reader bytes, size_t from, uint64_t *hits)
{
    return skip_plain(bytes, from, hits);
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

/* INTEGER 0 or 1, the version of PKCS#8, PKCS#1 and SEC 1, then what follows it there. */
static bool is_key(struct byte_reader bytes)
{
    if (bytes.left < 12 || bytes.at[0] != 0x30 || (bytes.at[1] >= 0x80 && bytes.at[1] != 0x81 && bytes.at[1] != 0x82))
        return false;
    const uint8_t *inner = bytes.at + (bytes.at[1] < 0x80 ? 2 : bytes.at[1] - 0x7e);
    if (inner[0] != 2 || inner[1] != 1 || inner[2] > 1)
        return false;
    return inner[3] == 0x30 || (inner[2] == 0 && inner[3] == 0x02 && inner[4] >= 0x40) || (inner[2] == 1 && inner[3] == 0x04 && inner[4] >= 20);
}

/* The base64 of a key of less than 128 bytes (Ed25519, P-256): "M", two characters of its length, then this. */
static bool is_short_key(struct byte_reader all, size_t at)
{
    struct byte_reader bytes = {all.at + at, all.left - at};
    return at >= SHORT_KEY_BACK && all.at[at - SHORT_KEY_BACK] == 'M' && (has(bytes, "CAQAw", 5) || has(bytes, "CAQEE", 5) || has(bytes, "CAQEw", 5));
}

static bool is_wide(struct byte_reader bytes)
{
    return has(bytes, "B\0E\0G\0I\0N\0 ", 11) || has(bytes, "M\0I\0I\0", 6) || has(bytes, "M\0I\0G\0", 6) || has(bytes, "M\0I\0A\0G", 7) || has(bytes, "t\0L\0S\0", 6) ||
           has(bytes, "e\0x\0:", 5) || has(bytes, "e\0x\0(", 5);
}

static bool is_bytes(struct byte_reader all, size_t at)
{
    size_t start;
    return text_bytes_find(all, at, &start);
}

static enum candidate candidate_at(struct byte_reader all, size_t at)
{
    struct byte_reader bytes = {all.at + at, all.left - at};
    switch (bytes.at[0]) {
    case '-':
        return has(bytes, "-----BEGIN ", 11) || has(bytes, "-----BEGIN%20", 13) || has(bytes, "-----BEGIN+", 11) ? CANDIDATE_PEM : CANDIDATE_NONE;
    case 0x30:
        if (is_der(bytes) || is_key(bytes))
            return CANDIDATE_DER;
        return is_store(bytes) ? CANDIDATE_STORE : bytes.left > 2 && strchr(", -:", bytes.at[1]) != NULL && bytes.at[2] == '8' &&
            is_bytes(all, at) ? CANDIDATE_BYTES : CANDIDATE_NONE;
    case 0xfe:
        return has(bytes, "\xfe\xed\xfe\xed\0\0\0", 7) ? CANDIDATE_STORE : CANDIDATE_NONE;
    case '/':
        return has(bytes, "/u3+7QAAAA", 10) ? CANDIDATE_BASE64 : CANDIDATE_NONE;
    case 'M':
        if (has(bytes, "MII", 3) || has(bytes, "MIAG", 4) || has(bytes, "MIACAQMw", 8) || has(bytes, "MIG", 3) || has(bytes, "MIH", 3))
            return CANDIDATE_BASE64;
        return is_wide(bytes) ? CANDIDATE_WIDE : CANDIDATE_NONE;
    case 'C':
        return is_short_key(all, at) ? CANDIDATE_BASE64 : CANDIDATE_NONE;
    case 't':
        return has(bytes, "tLS", 3) ? CANDIDATE_BASE64_PEM : is_wide(bytes) ? CANDIDATE_WIDE : CANDIDATE_NONE;
    case 'T':
        return has(bytes, "TFMwdExTMUNSVWRKVGl", 19) ? CANDIDATE_BASE64_TWICE : CANDIDATE_NONE;
    case 'H':
        return has(bytes, "H4sIA", 5) || has(bytes, "H4sIC", 5) ? CANDIDATE_BASE64_GZIP : CANDIDATE_NONE;
    case 'S':
        return has(bytes, "SDRzSU", 6) ? CANDIDATE_BASE64_TWICE : CANDIDATE_NONE;
    case 'v':
        return has(bytes, "v01@", 4) ? CANDIDATE_SSH : CANDIDATE_NONE;
    case 'B':
    case 'e':
        return is_wide(bytes) ? CANDIDATE_WIDE : CANDIDATE_NONE;
    case '3':
        return has(bytes, "308", 3) && is_bytes(all, at) ? CANDIDATE_BYTES : CANDIDATE_NONE;
    case '4':
        return (has(bytes, "48", 2) || has(bytes, "45", 2)) && bytes.left > 2 && (bytes.at[2] == ',' || bytes.at[2] == ' ' ||
            bytes.at[2] == 'u') && is_bytes(all, at) ? CANDIDATE_BYTES : CANDIDATE_NONE;
    case 'x':
    case 'X':
        return bytes.left > 2 && (bytes.at[1] == '8' || bytes.at[1] == '4') && is_bytes(all, at) ? CANDIDATE_BYTES : CANDIDATE_NONE;
    case 'd':
    case 'D':
        return bytes.left > 2 && (bytes.at[1] == '4' || bytes.at[2] == '4') && is_bytes(all, at) ? CANDIDATE_BYTES : CANDIDATE_NONE;
    default:
        return CANDIDATE_NONE;
    }
}

/* None begins before `first`. */
static enum candidate look_at(struct byte_reader bytes, size_t first, size_t from, uint64_t hits, size_t *at)
{
    for (; hits != 0; hits &= hits - 1) {
        size_t place = from + (size_t)__builtin_ctzll(hits);
        enum candidate found = place < bytes.left ? candidate_at(bytes, place) : CANDIDATE_NONE;
        size_t back = found != CANDIDATE_NONE && bytes.at[place] == 'C' ? SHORT_KEY_BACK : 0;
        if (found != CANDIDATE_NONE && place >= first + back) {
            *at = place - back;
            return found;
        }
    }
    return CANDIDATE_NONE;
}

enum candidate candidate_next(struct byte_reader bytes, size_t from, size_t *at)
{
    const size_t first = from;
    while (from < bytes.left) {
        uint64_t hits;
        from = skip_fast(bytes, from, &hits);
        enum candidate found = look_at(bytes, first, from, hits, at);
        if (found != CANDIDATE_NONE)
            return found;
        from += 2 * WIDTH;
    }
    *at = bytes.left;
    return CANDIDATE_NONE;
}
