#include "inventory/certificate/pem.h"

#include "probes/base/memory.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define PEM_BEGIN "-----BEGIN "
#define PEM_END   "-----END "

struct pem_reader pem_reader_of(const void *text, size_t len)
{
    return (struct pem_reader){.text = byte_reader_of(text, len)};
}

/* One line without its end (LF, CR LF or CR) and without blanks around it. */
static bool line_next(struct pem_reader *reader, struct byte_reader *line)
{
    if (reader->text.left == 0)
        return false;
    size_t len = 0;
    while (len < reader->text.left && reader->text.at[len] != '\n' && reader->text.at[len] != '\r')
        len++;
    byte_reader_sub(&reader->text, len, line);
    if (reader->text.left > 1 && reader->text.at[0] == '\r' && reader->text.at[1] == '\n')
        byte_reader_skip(&reader->text, 1);
    if (reader->text.left > 0)
        byte_reader_skip(&reader->text, 1);
    reader->line++;
    while (line->left > 0 && (line->at[0] == ' ' || line->at[0] == '\t'))
        byte_reader_skip(line, 1);
    while (line->left > 0 && (line->at[line->left - 1] == ' ' || line->at[line->left - 1] == '\t'))
        line->left--;
    return true;
}

static bool starts(const struct byte_reader *line, const char *text)
{
    return line->left >= strlen(text) && memcmp(line->at, text, strlen(text)) == 0;
}

static void label_of(const struct byte_reader *line, char *label, size_t size)
{
    const uint8_t *at = line->at + strlen(PEM_BEGIN);
    size_t len = line->left - strlen(PEM_BEGIN);
    while (len > 0 && at[len - 1] == '-')
        len--;
    if (len > size - 1)
        len = size - 1;
    memcpy(label, at, len);
    label[len] = '\0';
}

#define LINE_LEN 64             /* of RFC 7468, section 2; a multiple of four */

/* The six bits of a character and one; 0: it is none of base64. */
static const uint8_t six_bits[256] = {
    ['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6, ['G'] = 7, ['H'] = 8, ['I'] = 9, ['J'] = 10,
    ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19,
    ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28,
    ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37,
    ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46,
    ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55,
    ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

/* A whole line of base64 without padding: a third of the work that libcrypto's decoder has, and the public roots are 3,000 such
 * lines. False: it is none. */
static bool line_decode(const struct byte_reader *line, uint8_t *out)
{
    for (size_t i = 0; i < LINE_LEN; i += 4, out += 3) {
        const uint8_t *at = line->at + i;
        uint32_t a = six_bits[at[0]], b = six_bits[at[1]], c = six_bits[at[2]], d = six_bits[at[3]];
        if (a == 0 || b == 0 || c == 0 || d == 0)
            return false;
        uint32_t bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
        out[0] = (uint8_t)(bits >> 16);
        out[1] = (uint8_t)(bits >> 8);
        out[2] = (uint8_t)bits;
    }
    return true;
}

/* Adds the line's base64; false where a character is none of it. Headers ("Proc-Type: ...") hold a colon. */
static bool base64_add(EVP_ENCODE_CTX *decoder, bool *is_begun, struct pem_block *block, const struct byte_reader *line)
{
    int added = 0;
    if (line->left > INT32_MAX / 2 || memchr(line->at, ':', line->left) != NULL)
        return line->left <= INT32_MAX / 2;
    if (block->len + line->left + 80 > block->capacity) {
        block->capacity = 2 * (block->len + line->left + 1024);
        block->der = xrealloc(block->der, block->capacity);
    }
    if (!*is_begun && line->left == LINE_LEN && line_decode(line, block->der + block->len)) {
        block->len += LINE_LEN / 4 * 3;
        return true;
    }
    *is_begun = true;               /* the decoder may hold half a group from now on */
    if (EVP_DecodeUpdate(decoder, block->der + block->len, &added, line->at, (int)line->left) < 0)
        return false;
    block->len += (size_t)added;
    return true;
}

static void body_read(struct pem_reader *reader, struct pem_block *block)
{
    EVP_ENCODE_CTX *decoder = EVP_ENCODE_CTX_new();
    EVP_DecodeInit(decoder);
    int added = 0;
    bool is_begun = false;
    struct pem_reader before = *reader;
    struct byte_reader line;
    block->fault = "the block has no END line";
    while (line_next(reader, &line)) {
        if (starts(&line, PEM_BEGIN)) {         /* the next block begins inside of this one */
            *reader = before;
            break;
        }
        before = *reader;
        if (starts(&line, PEM_END)) {
            block->fault = NULL;
            break;
        }
        if (!base64_add(decoder, &is_begun, block, &line)) {
            block->fault = "the block holds a character that is not base64";
            break;
        }
    }
    if (block->fault == NULL && (block->der == NULL || EVP_DecodeFinal(decoder, block->der + block->len, &added) < 0))
        block->fault = block->der == NULL ? "the block is empty" : "the block's base64 is cut off";
    block->len += added > 0 ? (size_t)added : 0;
    EVP_ENCODE_CTX_free(decoder);
    if (block->fault != NULL) {
        free(block->der);
        block->der = NULL;
        block->len = 0;
    }
}

bool pem_next(struct pem_reader *reader, struct pem_block *block)
{
    struct byte_reader line;
    while (line_next(reader, &line)) {
        if (!starts(&line, PEM_BEGIN))
            continue;
        *block = (struct pem_block){.line = reader->line};
        label_of(&line, block->label, sizeof block->label);
        body_read(reader, block);
        return true;
    }
    return false;
}
