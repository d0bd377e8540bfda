#include "inventory/formats/candidates.h"

#include <stdbool.h>
#include <string.h>

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
__attribute__((target("avx2"))) static size_t skip_avx2(struct byte_reader bytes, size_t from)
{
    return skip(bytes, from);
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
